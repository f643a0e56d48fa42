/* Code 128, as it is printed on the label of a fob: what a scanner at a desk reads.

   Drawn here as shapes, so that it is sharp at every size. Serials are letters and digits:
   code set B for text, C for runs of digits, two to a symbol. ISO/IEC 15417. */

/** Widths of bars and spaces of each symbol, 0 to 105, then the stop. */
const PATTERNS = (
  "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 " +
  "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 " +
  "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 " +
  "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 " +
  "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 " +
  "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 " +
  "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 " +
  "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 " +
  "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split(" ");
const START_B = 104;
const START_C = 105;
const TO_C = 99;
const TO_B = 100;
const STOP = 106;
/** Fewer digits in a row than this are shorter in code set B. */
const WORTH_C = 4;

/** The symbols of a text of printable ASCII, from start to stop. */
export function symbols(text) {
  if (!/^[ -~]+$/.test(text)) throw new Error(`no bar code for ${JSON.stringify(text)}`);
  const values = [];
  let set = null;
  for (let i = 0; i < text.length; ) {
    const digits = /^\d*/.exec(text.slice(i))[0].length;
    // Of an odd run the first digit stays in B, so that the rest are pairs.
    const pairs = set === "C" ? digits >= 2 : digits >= WORTH_C && digits % 2 === 0;
    const wanted = pairs ? "C" : "B";
    if (set === null) values.push(pairs ? START_C : START_B);
    else if (set !== wanted) values.push(pairs ? TO_C : TO_B);
    set = wanted;
    if (pairs) values.push(Number(text.slice(i, i + 2)));
    else values.push(text.charCodeAt(i) - 32);
    i += pairs ? 2 : 1;
  }
  const check = values.reduce((sum, value, i) => sum + value * Math.max(i, 1), 0) % 103;
  return [...values, check, STOP];
}

/** The bars: `{width, bars: [[x, width], …]}` in modules, without the quiet zones. */
export function barcode(text) {
  const bars = [];
  let x = 0;
  for (const symbol of symbols(text)) {
    [...PATTERNS[symbol]].forEach((digit, i) => {
      if (i % 2 === 0) bars.push([x, Number(digit)]);
      x += Number(digit);
    });
  }
  return { width: x, bars };
}
