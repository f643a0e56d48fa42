/* The token as a person knows it: a fob on a key ring, front and back.

   Same lengths as emulator/render/fob.py, whose pictures are 440 by 220. Both sides are
   drawn as shapes; the button alone is an HTML button, so that every hand, key and screen
   reader finds it. */

import { barcode } from "./barcode.js";
import { feel } from "./button.js";
import { el, svg } from "./dom.js";
import { glassColour, Lcd } from "./lcd.js";

const VIEW = "0 0 440 220";
const BODY =
  "M89.56 73.54 177.09 34.07A46 46 0 0 1 196 30H376A46 46 0 0 1 422 76V144" +
  "A46 46 0 0 1 376 190H196A46 46 0 0 1 177.09 185.93L89.56 146.46A40 40 0 0 1 89.56 73.54Z";
/** The hole that the key ring goes through, cut out of the body. */
const HOLE = "M77 110a11 11 0 1 0 22 0a11 11 0 1 0 -22 0Z";
const RING = { cx: 50, cy: 110, r: 38 };
/** The quarter of the ring that lies before the body: upper right. */
const RING_BEFORE = "M50 72A38 38 0 0 1 88 110";
const LABEL = { x: 40, y: 56, width: 262, height: 108 };
const BARS = { top: 88, height: 34, room: 224 };

export class Fob {
  #turner;
  #sides;
  #lcd;
  #button;

  /**
   * @param element: where it goes.
   * @param serial: printed on its back.
   * @param hand: `{down(), up(heldMs)}`, told what the button feels.
   */
  constructor(element, serial, hand) {
    const glass = svg("svg", { class: "glass", x: 147, y: 80, width: 168, height: 60 });
    this.#lcd = new Lcd(glass);
    this.#button = el(
      "button",
      { type: "button", class: "press", "aria-label": `Button of ${serial}` },
      dome(),
    );
    feel(this.#button, hand);
    this.#sides = {
      front: el("div", { class: "side front" }, front(glass), this.#button),
      back: el("div", { class: "side back", inert: true }, back(serial)),
    };
    this.#turner = el("div", { class: "turner" }, this.#sides.front, this.#sides.back);
    element.replaceChildren(this.#turner);
  }

  draw(display) {
    this.#lcd.draw(display);
  }

  /** Show whether the key is down, whoever holds it. */
  set pressed(down) {
    this.#button.classList.toggle("held", down);
  }

  get flipped() {
    return this.#turner.classList.contains("flipped");
  }

  /** Turn it round; what is away from the eye is away from the keyboard too. */
  flip() {
    const flipped = this.#turner.classList.toggle("flipped");
    this.#sides.front.inert = flipped;
    this.#sides.back.inert = !flipped;
  }
}

function front(glass) {
  return svg(
    "svg",
    { viewBox: VIEW, class: "plastic" },
    ...shell(),
    svg("rect", { x: 136.5, y: 70.5, width: 189, height: 79, rx: 12.5, fill: "url(#fob-rim-in)" }),
    svg("rect", { x: 138, y: 72, width: 186, height: 76, rx: 11, fill: "url(#fob-bezel)" }),
    svg("rect", { x: 145, y: 79, width: 172, height: 62, rx: 4, fill: glassColour() }),
    glass,
    svg("rect", { x: 145, y: 79, width: 172, height: 62, rx: 4, fill: "url(#fob-shade)" }),
    svg("path", { d: "M149 79H240L196 141H149A4 4 0 0 1 145 137V83A4 4 0 0 1 149 79Z",
                  fill: "url(#fob-gloss)" }),
    svg("circle", { cx: 370, cy: 110, r: 33.5, fill: "url(#fob-rim-in)" }),
    svg("circle", { cx: 370, cy: 110, r: 31.5, fill: "#3d4b5c" }),
  );
}

function back(serial) {
  const { x, y, width, height } = LABEL;
  const middle = x + width / 2;
  return svg(
    "svg",
    { viewBox: VIEW, class: "plastic", role: "img",
      "aria-label": `Back: serial number ${[...serial].join(" ")}, also as a bar code` },
    svg("g", { transform: "matrix(-1 0 0 1 440 0)" }, ...shell()),
    svg("rect", { x: x - 1.5, y: y - 1.5, width: width + 3, height: height + 3, rx: 10.5,
                  fill: "url(#fob-rim-in)" }),
    svg("rect", { x, y, width, height, rx: 9, fill: "url(#fob-label)" }),
    svg("text", { x: middle, y: y + 20, class: "caption" }, "SERIAL NUMBER"),
    bars(serial, middle),
    svg("text", { x: middle, y: y + height - 12, class: "serial",
                  textLength: serial.length > 14 ? width - 30 : null,
                  lengthAdjust: "spacingAndGlyphs" }, serial),
  );
}

function bars(serial, middle) {
  const { width, bars: all } = barcode(serial);
  // Whole modules of the drawing where they fit: edges stay on the grid of the pixels.
  const module = Math.min(BARS.room / width, 1.7);
  const left = middle - (width * module) / 2;
  const d = all.map(([at, wide]) => `M${left + at * module} ${BARS.top}h${wide * module}v${
    BARS.height}h${-wide * module}z`);
  return svg("path", { d: d.join(""), fill: "#1c232b" });
}

/** Ring and body, with the hole on the left. */
function shell() {
  const wire = (width, paint) => ({ fill: "none", "stroke-width": width, stroke: paint });
  const ring = (width, paint) => svg("circle", { ...RING, ...wire(width, paint) });
  const before = (width, paint) => svg("path", { d: RING_BEFORE, ...wire(width, paint) });
  return [
    svg("path", { d: BODY, fill: "#0f1620", opacity: 0.35, transform: "translate(0 8)",
                  filter: "url(#fob-soft)" }),
    ring(7, "#58606a"), ring(5.4, "url(#fob-metal)"), ring(1.2, "#6a727b"),
    svg("path", { d: BODY + HOLE, "fill-rule": "evenodd", fill: "#3e4d60",
                  transform: "translate(0 3)" }),
    svg("path", { d: BODY + HOLE, "fill-rule": "evenodd", fill: "url(#fob-plastic)",
                  stroke: "url(#fob-rim)", "stroke-width": 2.4 }),
    svg("path", { d: BODY, fill: "none", stroke: "url(#fob-light)", "stroke-width": 5,
                  transform: "translate(11.6 5) scale(.954 .9545)" }),
    svg("circle", { cx: 88, cy: 110, r: 12.5, fill: "none", stroke: "url(#fob-rim-in)",
                    "stroke-width": 3 }),
    before(7, "#58606a"), before(5.4, "url(#fob-metal)"), before(1.2, "#6a727b"),
  ];
}

/** The white button: a dome with a shallow dish for the thumb. */
function dome() {
  return svg(
    "svg",
    { viewBox: "0 0 60 60", "aria-hidden": "true" },
    svg("circle", { class: "dome-shadow", cx: 30, cy: 33, r: 28, fill: "#16202c" }),
    svg(
      "g",
      { class: "dome" },
      svg("circle", { cx: 30, cy: 30, r: 29, fill: "url(#fob-white)" }),
      svg("circle", { cx: 30, cy: 30, r: 22, fill: "url(#fob-dish-rim)" }),
      svg("circle", { cx: 30, cy: 30, r: 21, fill: "url(#fob-dish)" }),
    ),
  );
}
