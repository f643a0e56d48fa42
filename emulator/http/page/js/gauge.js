// The divergence gauge: token against server, drawn to scale.
//
// One picture with one sentence for screen readers; what changes is told politely and only
// when the token enters another zone, because every press would drown whoever listens.

import { ZONE, geometryOf, plain, wordsOf } from "./gauge_model.js";

const ICONS = Object.freeze({
  [ZONE.IN_STEP]: "M4 13l5 5L20 6",
  [ZONE.INSIDE]: "M4 13l5 5L20 6",
  [ZONE.RESYNC]: "M4 11a8 8 0 0 1 14-4l2 2M20 4v5h-5M20 13a8 8 0 0 1-14 4l-2-2M4 20v-5h5",
  [ZONE.LOST]: "M12 3L22 21H2zM12 10v5M12 18v.5",
  [ZONE.BEHIND]: "M20 5l-8 7 8 7M12 5l-8 7 8 7",
  [ZONE.LOCKED]: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
  [ZONE.UNKNOWN]: "M6 12h12",
});

/** What stands under the scale: [what it explains, in words]. */
function legendOf({ type, token, server, look_ahead, resync_window }) {
  const sides = [
    ["token", `token ${plain(token)}`],
    ["server", `server ${plain(server)}`],
  ];
  const windows =
    type === "time"
      ? [
          [ZONE.INSIDE, `window ±${plain(look_ahead)}`],
          [ZONE.RESYNC, `resync ±${plain(resync_window)}`],
        ]
      : [
          [ZONE.BEHIND, "codes used already"],
          [ZONE.INSIDE, `look-ahead ${plain(look_ahead)}`],
          [ZONE.RESYNC, `resync ${plain(resync_window)}`],
        ];
  return [...sides, ...windows, [ZONE.LOST, "out of the window"]];
}

function part(tag, name, ...children) {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...children);
  return element;
}

function icon() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "gauge-icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(space, "path"));
  return svg;
}

/** Place an element by shares of the width; styles set through CSSOM pass a strict CSP. */
function place(element, shares) {
  for (const [name, share] of Object.entries(shares)) {
    element.style.setProperty(`--${name}`, `${share * 100}%`);
  }
  return element;
}

function zonesOf(zones) {
  return zones.map(({ zone, from, to }) => {
    const element = place(part("div", "gauge-zone"), { from, to });
    element.dataset.zone = zone;
    return element;
  });
}

export class Gauge {
  #root;
  #icon = icon();
  #title = part("div", "gauge-title");
  #number = part("div", "gauge-number");
  #unit = part("div", "gauge-unit");
  #detail = part("div", "gauge-detail");
  #chart = part("div", "gauge-chart");
  #zones = part("div", "gauge-zones");
  #zero = part("div", "gauge-zero");
  #marker = part("div", "gauge-marker");
  #ticks = part("div", "gauge-ticks");
  #overview = part("div", "gauge-overview");
  #all = part("div", "gauge-zones");
  #frame = part("div", "gauge-frame");
  #dot = part("div", "gauge-dot");
  #legend = part("div", "gauge-legend");
  #announced = part("p", "gauge-announced");
  #state = null;

  /** Draw into `element`, which is emptied. */
  constructor(element) {
    this.#root = part(
      "div",
      "gauge",
      part(
        "div",
        "gauge-head",
        this.#icon,
        part("div", "gauge-words", this.#title, this.#detail),
        part("div", "gauge-reading", this.#number, this.#unit),
      ),
      this.#chart,
    );
    this.#chart.append(
      part("div", "gauge-scale", this.#zones, this.#zero, this.#marker),
      this.#ticks,
      this.#overview,
      this.#legend,
    );
    this.#overview.append(this.#all, this.#frame, this.#dot);
    this.#root.setAttribute("role", "img");
    this.#announced.setAttribute("role", "status");
    element.replaceChildren(this.#root, this.#announced);
    this.update({});
    this.#state = null; // the first reading is no change
  }

  /**
   * Show a reading: {type: "event" | "time", token, server, look_ahead, resync_window,
   * locked, name}, and for a time token, where known, step_s (seconds) and drift (steps that
   * the server has learnt). `server` null: no server is attached; `token` null: the token
   * has no counter or step at present.
   */
  update(given) {
    const reading = { type: "event", look_ahead: 0, resync_window: 0, locked: false, ...given };
    const words = wordsOf(reading);
    this.#root.dataset.state = words.state;
    this.#root.setAttribute("aria-label", words.sentence);
    this.#icon.firstChild.setAttribute("d", ICONS[words.state]);
    this.#title.textContent = words.title;
    this.#number.textContent = words.number;
    this.#unit.textContent = words.unit;
    this.#detail.textContent = words.detail;
    this.#draw(geometryOf(reading), reading);
    this.#announce(words);
  }

  #draw(geometry, reading) {
    this.#chart.hidden = geometry === null;
    if (geometry === null) return;
    this.#zones.replaceChildren(...zonesOf(geometry.zones));
    place(this.#zero, { at: geometry.zero });
    place(this.#marker, { at: geometry.marker });
    this.#ticks.replaceChildren(
      ...geometry.ticks.map(({ at, label, minor }) => {
        const tick = place(part("span", minor ? "gauge-tick gauge-minor" : "gauge-tick"), { at });
        tick.textContent = label;
        return tick;
      }),
    );
    const { overview } = geometry;
    this.#all.replaceChildren(...zonesOf(overview.zones));
    place(this.#frame, { from: overview.from, to: overview.to });
    place(this.#dot, { at: overview.marker });
    this.#legend.replaceChildren(
      ...legendOf(reading).map(([what, text]) => {
        const swatch = part("span", `gauge-swatch gauge-swatch-${what}`);
        swatch.dataset.zone = what;
        return part("span", "gauge-key", swatch, text);
      }),
    );
  }

  #announce({ state, sentence }) {
    if (this.#state !== null && this.#state !== state) this.#announced.textContent = sentence;
    this.#state = state;
  }
}
