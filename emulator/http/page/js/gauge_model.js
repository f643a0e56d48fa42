// How far a token is from its server: the numbers, the geometry and the words of the gauge.
//
// Pure: no document, no clock. emulator/render/gauge.py takes the same decisions for the
// terminal; a test compares the two.
//
// The scale is linear, so that the windows are drawn to scale: on a logarithmic one the
// last press before the edge looks like any other. A look-ahead of 10 beside a resync
// window of 1000 would be a hair's breadth of it, so the view zooms by itself, in steps of
// 1, 2, 5, to the server's value, the token, and the edge that the token is nearest to. A
// strip below shows everything at once, with the part in view framed.
//
// Each whole number is a cell one wide and centred on its value: a window of 10 has
// eleven cells (next to next + 10), and the token at 11 stands outside, not on the line.

export const ZONE = Object.freeze({
  BEHIND: "behind",
  IN_STEP: "in-step",
  INSIDE: "inside",
  RESYNC: "resync",
  LOST: "lost",
  LOCKED: "locked",
  UNKNOWN: "unknown",
});

const SMALLEST_REACH = 5;

/** Distance in presses or steps; null if there is nothing to compare. */
export function distanceOf({ token, server }) {
  return Number.isFinite(token) && Number.isFinite(server) ? token - server : null;
}

/** Outer edge of the resync window: one smaller than the look-ahead adds nothing to it. */
function outerEdge({ look_ahead, resync_window }) {
  return Math.max(look_ahead, resync_window);
}

/** Where a distance lies, whether or not the server is locked. */
export function zoneAt(distance, reading) {
  if (distance === 0) return ZONE.IN_STEP;
  if (distance < 0 && reading.type !== "time") return ZONE.BEHIND;
  const size = Math.abs(distance);
  if (size <= reading.look_ahead) return ZONE.INSIDE;
  return size <= outerEdge(reading) ? ZONE.RESYNC : ZONE.LOST;
}

/** What the gauge as a whole says. */
export function stateOf(reading) {
  const distance = distanceOf(reading);
  if (distance === null) return ZONE.UNKNOWN;
  return reading.locked ? ZONE.LOCKED : zoneAt(distance, reading);
}

/** The smallest of 5, 10, 20, 50, 100 … that is at least `value`. */
export function niceReach(value) {
  for (let power = 1; ; power *= 10) {
    for (const factor of [1, 2, 5]) {
      const reach = factor * power;
      if (reach >= SMALLEST_REACH && reach >= value) return reach;
    }
  }
}

function grown(value) {
  return value + Math.ceil(value / 8);
}

/** First and last whole number in view. */
export function zoomOf(distance, reading) {
  const size = Math.abs(distance);
  if (reading.type !== "time" && distance < 0) {
    const reach = niceReach(grown(size));
    return { low: -reach, high: reach };
  }
  const near = reading.look_ahead;
  const far = outerEdge(reading);
  const nearest = Math.abs(size - far) < Math.abs(size - near) ? far : near;
  const high = niceReach(grown(Math.max(size, nearest)));
  return { low: reading.type === "time" ? -high : -high / 5, high };
}

function everything(zoom, reading) {
  const high = Math.max(zoom.high, grown(outerEdge(reading)));
  return { low: reading.type === "time" ? -high : zoom.low, high };
}

/** Share of the width, 0 to 1, at which `value` lies. */
export function shareOf(value, { low, high }) {
  return (value - low + 0.5) / (high - low + 1);
}

function zonesIn(span, reading) {
  const near = reading.look_ahead + 0.5;
  const far = outerEdge(reading) + 0.5;
  const bounds =
    reading.type === "time"
      ? [
          [ZONE.LOST, -Infinity, -far],
          [ZONE.RESYNC, -far, -near],
          [ZONE.INSIDE, -near, near],
          [ZONE.RESYNC, near, far],
          [ZONE.LOST, far, Infinity],
        ]
      : [
          [ZONE.BEHIND, -Infinity, -0.5],
          [ZONE.INSIDE, -0.5, near],
          [ZONE.RESYNC, near, far],
          [ZONE.LOST, far, Infinity],
        ];
  return bounds
    .map(([zone, from, to]) => ({
      zone,
      from: shareOf(Math.max(from, span.low - 0.5), span),
      to: shareOf(Math.min(to, span.high + 0.5), span),
    }))
    .filter(({ from, to }) => to > from);
}

function ticksIn(span) {
  const step = niceReach((span.high - span.low) / 6);
  const ticks = [];
  for (let value = Math.ceil(span.low / step) * step; value <= span.high; value += step) {
    // Every second one goes where there is no room for all; zero never does.
    ticks.push({ at: shareOf(value, span), label: signed(value), minor: (value / step) % 2 !== 0 });
  }
  return ticks;
}

/** Everything that is drawn, as shares of the width; null if there is nothing to compare. */
export function geometryOf(reading) {
  const distance = distanceOf(reading);
  if (distance === null) return null;
  const zoom = zoomOf(distance, reading);
  const all = everything(zoom, reading);
  return {
    distance,
    zoom,
    zones: zonesIn(zoom, reading),
    ticks: ticksIn(zoom),
    zero: shareOf(0, zoom),
    marker: shareOf(distance, zoom),
    overview: {
      zones: zonesIn(all, reading),
      marker: shareOf(distance, all),
      from: shareOf(zoom.low - 0.5, all),
      to: shareOf(zoom.high + 0.5, all),
    },
  };
}

const NUMBER = new Intl.NumberFormat("en");

/** A number as people read it: 1,204. */
export function plain(value) {
  return NUMBER.format(value);
}

/** A number with its sign: +37, −5, 0. */
export function signed(value) {
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${plain(Math.abs(value))}`;
}

function count(value, noun) {
  return `${plain(value)} ${noun}${value === 1 ? "" : noun === "press" ? "es" : "s"}`;
}

const TITLES = Object.freeze({
  [ZONE.BEHIND]: "Server is ahead",
  [ZONE.IN_STEP]: "In step",
  [ZONE.INSIDE]: "Inside the window",
  [ZONE.RESYNC]: "Needs a resync",
  [ZONE.LOST]: "Out of the window",
  [ZONE.LOCKED]: "Locked",
  [ZONE.UNKNOWN]: "Nothing to compare",
});

function place(reading, distance) {
  const size = Math.abs(distance);
  if (reading.type !== "time") {
    return distance === 0
      ? "The token's next code is the one that the server expects"
      : `The token is ${count(size, "press")} ${distance > 0 ? "ahead" : "behind"}`;
  }
  if (distance === 0) return "The token's clock is in the step that the server expects";
  const seconds = reading.step_s ? ` (${plain(size * reading.step_s)} s)` : "";
  return `The token's clock is ${count(size, "step")}${seconds} ${distance > 0 ? "fast" : "slow"}`;
}

function consequence(zone, reading, distance) {
  const near = plain(reading.look_ahead);
  const far = plain(outerEdge(reading));
  switch (zone) {
    case ZONE.IN_STEP:
    case ZONE.INSIDE:
      return `one code is enough, the look-ahead window is ${near}`;
    case ZONE.RESYNC:
      return (
        `beyond the look-ahead window of ${near}, inside the resync window of ${far}:` +
        " two codes in a row bring it back"
      );
    case ZONE.LOST:
      return (
        `${plain(Math.abs(distance) - outerEdge(reading))} beyond the re-activation window` +
        ` of ${far}: no code brings it back`
      );
    default:
      return `its codes were used already; ${count(-distance, "press")} more and it is in step`;
  }
}

/**
 * What the gauge says.
 *
 * Returns {state, title, number, unit, detail, sentence}: the big words, the big number
 * (signed; "" without one), a line that explains, and all of it for those who listen.
 */
export function wordsOf(reading) {
  const state = stateOf(reading);
  const distance = distanceOf(reading);
  const name = reading.name || "the server";
  if (distance === null) {
    const [title, detail] = Number.isFinite(reading.server)
      ? [TITLES[ZONE.UNKNOWN], "The token has no counter or step at present."]
      : ["No server attached", "Attach one, or push its view, to see how far the token is from it."];
    const sentence = `Divergence gauge: ${title}. ${detail}`;
    return { state, title, number: "", unit: "", detail, sentence };
  }
  const zone = zoneAt(distance, reading);
  const lock = reading.locked ? "The server accepts no code until it is unlocked. " : "";
  const learnt = reading.drift ? ` The server has learnt a drift of ${signed(reading.drift)}.` : "";
  const then = reading.locked ? "once unlocked, " : "";
  const outcome = then + consequence(zone, reading, distance);
  const detail = `${lock}${place(reading, distance)}: ${outcome}.${learnt}`;
  const title = TITLES[state];
  const number = signed(distance);
  const unit = reading.type === "time" ? "steps" : "presses";
  return {
    state,
    title,
    number,
    unit,
    detail,
    sentence: `Divergence from ${name}: ${title}, ${number} ${unit}. ${detail}`,
  };
}
