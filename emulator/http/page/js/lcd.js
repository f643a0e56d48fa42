/* The LCD as segments, each where the emulator's own pictures have it.

   Shapes and colours come from /page/geometry.json, so that page, PNG and SVG never differ.
   What is dead or stuck is in the masks already: nothing here knows of damage. */

import { svg } from "./dom.js";

let geometry = null;

/** Load the shapes; once, before the first LCD. */
export async function loadGeometry() {
  const response = await fetch("/page/geometry.json");
  if (!response.ok) throw new Error("The bench does not give the shapes of its display.");
  geometry = await response.json();
}

/** Below this contrast nobody makes out a segment. */
const readable = (contrast) => contrast >= geometry.readable_percent;

/** What the display reads, for people who don't see it. */
export function spoken(display) {
  if (!display.lit) return "display dark";
  if (!readable(display.contrast)) return "display unreadable";
  const text = display.text.trim();
  const spelt = [...text].join(" ");
  const what = /^\d+$/.test(text) ? `code lit: ${spelt}` : `display shows: ${spelt}`;
  return display.battery ? `${what}, battery low` : what;
}

export class Lcd {
  #svg;
  #layout = "";
  #parts = null;

  /** @param element: the `<svg>` to draw into. */
  constructor(element) {
    this.#svg = element;
    element.setAttribute("role", "img");
  }

  draw(display) {
    const layout = [display.segments.length, display.bar_count, display.battery_sign].join();
    if (layout !== this.#layout) {
      this.#build(display);
      this.#layout = layout;
    }
    const ink = faded(geometry.ink, display.contrast);
    const ghost = faded(geometry.ghost, display.contrast);
    const paint = (part, on) => part.setAttribute("fill", on ? ink : ghost);
    this.#parts.digits.forEach((segments, i) =>
      segments.forEach((part, bit) => paint(part, (display.segments[i] >> bit) & 1)),
    );
    this.#parts.bars.forEach((part, i) => paint(part, i < display.bars));
    paint(this.#parts.battery, display.battery);
    this.#svg.setAttribute("aria-label", spoken(display));
  }

  #build(display) {
    const { margin, pitch, height } = geometry;
    const bars = geometry.bars[display.bar_count] ?? [];
    const first = margin + (display.bar_count ? geometry.bar_column : 0);
    const end = first + pitch * display.segments.length;
    this.#parts = {
      bars: bars.map((shape) => polygon(shape, 0)),
      digits: display.segments.map((_, i) =>
        geometry.segments.map((shape) => polygon(shape, first + i * pitch)),
      ),
      battery: svg("path", {
        class: "segment",
        d: geometry.battery.map((shape) => outline(shape, end)).join(""),
        visibility: display.battery_sign ? null : "hidden",
      }),
    };
    this.#svg.setAttribute("viewBox", `0 0 ${end + margin} ${height}`);
    this.#svg.replaceChildren(
      ...this.#parts.bars, ...this.#parts.digits.flat(), this.#parts.battery,
    );
  }
}

/** The colour of the glass itself. */
export function glassColour() {
  return colour(geometry.glass);
}

function polygon(shape, left) {
  return svg("path", { class: "segment", d: outline(shape, left) });
}

function outline(shape, left) {
  return `M${shape.map(([x, y]) => `${x + left} ${y}`).join("L")}Z`;
}

function faded(rgb, contrast) {
  const part = Math.max(0, Math.min(contrast, 100)) / 100;
  return colour(rgb.map((full, i) => geometry.glass[i] + (full - geometry.glass[i]) * part));
}

function colour(rgb) {
  return `rgb(${rgb.map(Math.round).join(" ")})`;
}
