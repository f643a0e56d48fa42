// Paints the timeline on a canvas. Never more marks than pixels: of those that would cover one
// another only one is drawn, so that a hundred thousand records pan as smoothly as ten.

import { ticksOf } from "./timeline_model.js";

const GUTTER = 148; // px, lane titles beside the lanes
const WIDE = 640; // px; narrower ones have the titles above
const AXIS = 24;
const LETTER = 6.6; // px, about, at 12 px
const TICK_ROOM = 96;

/** Where things stand in a canvas `width` px wide with `count` lanes. */
export function layoutOf(width, count) {
  const wide = width >= WIDE;
  const lane = wide ? 34 : 46;
  return { wide, width, lane, left: wide ? GUTTER : 0, height: count * lane + AXIS };
}

/** Share of the axis to pixels. */
export function toX(value, view, { left, width }) {
  return left + ((value - view.low) / (view.high - view.low)) * (width - left);
}

/** Pixels to the axis. */
export function fromX(x, view, { left, width }) {
  return view.low + ((x - left) / (width - left)) * (view.high - view.low);
}

/**
 * Paint everything. Returns the marks that can be hit: [{item, x, to, y}], in px.
 *
 * `colours`: {ink, soft, ground, stripe, grid, good, bad, warn, accent, onAccent, quiet}.
 */
export function paint(context, { records, view, layout, colours, selected }) {
  const { width, height, lane, left, wide } = layout;
  context.clearRect(0, 0, width, height);
  context.font = '12px system-ui, "Liberation Sans", sans-serif';
  context.textBaseline = "middle";
  paintAxis(context, { records, view, layout, colours });
  const marks = [];
  records.lanes.forEach(({ id, title }, index) => {
    const top = index * lane;
    if (index % 2 === 0) {
      context.fillStyle = colours.stripe;
      context.fillRect(0, top, width, lane);
    }
    context.fillStyle = colours.soft;
    context.fillText(title, 8, wide ? top + lane / 2 : top + 11);
    const y = wide ? top + lane / 2 : top + 31;
    context.save();
    context.beginPath();
    context.rect(left, top, width - left, lane);
    context.clip();
    const drawn = choose(records.visible(id, view), { records, view, layout, y });
    for (const mark of drawn) paintMark(context, mark, colours);
    paintLabels(context, drawn, { layout, colours });
    context.restore();
    marks.push(...drawn);
  });
  paintSelected(context, selected, { records, view, layout, colours, marks });
  return marks;
}

/** Of what would cover one another, the first: by shape and tone, so that none hides another's. */
function choose(items, { records, view, layout, y }) {
  const drawn = [];
  const covered = new Map();
  for (const item of items) {
    if (item.shape === "end") continue;
    const x = toX(records.from(item, view.mode), view, layout);
    const to = item.shape === "bar" ? toX(records.to(item, view.mode), view, layout) : x;
    const key = `${item.shape} ${item.tone}`;
    const edge = covered.get(key) ?? -Infinity;
    if (Math.max(to, x) < edge + 1.5) continue;
    covered.set(key, Math.max(to, x));
    drawn.push({ item, x, to, y });
  }
  return drawn;
}

function paintAxis(context, { records, view, layout, colours }) {
  const { width, height, left } = layout;
  const limit = Math.floor((width - left) / TICK_ROOM);
  context.textAlign = "center";
  for (const { at, text } of ticksOf(view, limit, records)) {
    const x = Math.round(toX(at, view, layout)) + 0.5;
    context.fillStyle = colours.grid;
    context.fillRect(x, 0, 1, height - AXIS);
    const half = (text.length * LETTER) / 2;
    if (x - half < left || x + half > width) continue;
    context.fillStyle = colours.soft;
    context.fillText(text, x, height - AXIS / 2);
  }
  context.textAlign = "start";
  context.fillStyle = colours.soft;
  if (layout.wide) context.fillText("UTC", 8, height - AXIS / 2);
}

function polygon(context, points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.closePath();
  context.fill();
}

const SHAPES = {
  up: (c, x, y) => polygon(c, [[x, y - 7], [x + 6, y + 5], [x - 6, y + 5]]),
  down: (c, x, y) => polygon(c, [[x, y + 7], [x + 6, y - 5], [x - 6, y - 5]]),
  diamond: (c, x, y) => polygon(c, [[x, y - 6], [x + 6, y], [x, y + 6], [x - 6, y]]),
  bolt: (c, x, y) =>
    polygon(c, [[x + 2, y - 9], [x - 6, y + 2], [x, y + 2], [x - 2, y + 9], [x + 6, y - 2], [x, y - 2]]),
  box: (c, x, y) => c.fillRect(x - 5, y - 5, 10, 10),
  disc: (c, x, y) => {
    c.beginPath();
    c.arc(x, y, 6, 0, 2 * Math.PI);
    c.fill();
  },
  cross: (c, x, y) => {
    c.lineWidth = 3.5;
    c.beginPath();
    c.moveTo(x - 5, y - 5);
    c.lineTo(x + 5, y + 5);
    c.moveTo(x + 5, y - 5);
    c.lineTo(x - 5, y + 5);
    c.stroke();
  },
};

function paintMark(context, { item, x, to, y }, colours) {
  context.fillStyle = colours[item.tone];
  context.strokeStyle = colours[item.tone];
  if (item.shape === "bar") {
    // The finger on the button is a line below what came of it.
    const [top, high] = item.lane === "press" ? [y + 9, 4] : [y - 10, 20];
    context.beginPath();
    context.roundRect(x, top, Math.max(to - x, 3), high, 2);
    context.fill();
  } else {
    SHAPES[item.shape](context, x, y);
  }
}

function paintLabels(context, drawn, { layout, colours }) {
  drawn.forEach(({ item, x, to, y }, index) => {
    if (!item.label) return;
    const length = item.label.length * LETTER + 6;
    const start = Math.max(x, layout.left);
    if (item.shape === "bar" && Math.min(to, layout.width) - start >= length) {
      context.fillStyle = item.tone === "accent" ? colours.onAccent : colours.ground;
      context.fillText(item.label, start + 4, y + 0.5);
      return;
    }
    const free = to + (item.shape === "bar" ? 3 : 10);
    if ((drawn[index + 1]?.x ?? Infinity) - 6 < free + length) return;
    context.fillStyle = colours.ink;
    context.fillText(item.label, free, y + 0.5);
  });
}

function paintSelected(context, selected, { records, view, layout, colours, marks }) {
  if (!selected) return;
  const x = toX(records.from(selected, view.mode), view, layout);
  if (x < layout.left || x > layout.width) return;
  context.fillStyle = colours.ink;
  context.fillRect(Math.round(x) - 0.5, 0, 1.5, layout.height - AXIS);
  const mark = marks.find(({ item }) => item === selected);
  if (!mark) return;
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(mark.x - 10, mark.y - 13, Math.max(mark.to - mark.x, 0) + 20, 26, 6);
  context.stroke();
}
