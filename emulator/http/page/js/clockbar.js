/* The bench's clock in the title bar: what time it is there, how fast it goes, and the keys
   that stop it, step it, race it or let time pass at once. */

import { post, put } from "./api.js";
import { spelt } from "./benchclock.js";
import { careful, el, say } from "./dom.js";

const RATES = [
  [0, "Pause", "Pause the clock"],
  [1, "Real", "Real time"],
  [60, "×60", "60 times as fast"],
  [86_400, "×86,400", "A day in a second"],
];
const JUMPS = [
  [30, "+30 s", "Advance 30 seconds"],
  [3600, "+1 h", "Advance 1 hour"],
  [86_400, "+1 day", "Advance 1 day"],
];
const UNITS = [["s", 1], ["min", 60], ["h", 3600], ["days", 86_400]];
/** Longest that a step looks ahead for the end of what goes on. */
const STEP_LIMIT_S = 3600;

export class ClockBar {
  #clock;
  #parts;
  #changed;

  /**
   * @param clock: the bench's, kept up to date by whoever made it.
   * @param on.changed(): the clock was told something; look at the bench.
   */
  constructor(elements, clock, { changed }) {
    this.#clock = clock;
    this.#changed = changed;
    this.#parts = { ...elements };
    const rates = RATES.map(([rate, text, name]) => {
      const button = this.#button(text, name, () => put("clock", { rate }));
      button.dataset.rate = rate;
      return button;
    });
    this.#parts.rates = rates;
    const step = this.#button("Step", "Step: run until nothing is lit, pressed or waited for",
      () => post("clock/advance-until-idle", { limit_s: STEP_LIMIT_S }));
    const jumps = JUMPS.map(([seconds, text, name]) =>
      this.#button(text, name, () => post("clock/advance", { seconds })));
    elements.controls.replaceChildren(
      el("div", { class: "keys", role: "group", "aria-label": "Speed" }, ...rates),
      el("div", { class: "keys", role: "group", "aria-label": "Advance" }, step, ...jumps),
      this.#own());
  }

  /** Show mode and rate as they are now. */
  show() {
    const { virtual, rate, words } = this.#clock;
    say(this.#parts.mode, words);
    this.#parts.mode.dataset.paused = String(this.#clock.paused);
    for (const button of this.#parts.rates) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.rate) === rate));
    }
    // A host's clock can be neither paused nor advanced: keys that only fail are no keys.
    for (const button of this.#parts.controls.querySelectorAll("button, input, select")) {
      button.disabled = !virtual;
    }
    this.tick();
  }

  /** Show the time. */
  tick() {
    const words = spelt(this.#clock.nowNs);
    say(this.#parts.time, words);
    this.#parts.time.dateTime = `${words.replace(" ", "T")}Z`;
  }

  #own() {
    const amount = el("input", { type: "number", min: 0, step: "any", value: 5, class: "short",
                                 required: true, "aria-label": "Advance by" });
    const unit = el("select", { "aria-label": "Unit" },
      ...UNITS.map(([name, seconds]) => el("option", { value: seconds }, name)));
    unit.selectedIndex = 1;
    const advance = careful(async () => {
      await post("clock/advance", { seconds: Number(amount.value) * Number(unit.value) });
      this.#changed();
    });
    return el("form", {
      class: "keys",
      onsubmit: (event) => {
        event.preventDefault();
        advance();
      },
    }, amount, unit, el("button", { type: "submit" }, "Advance"));
  }

  #button(text, name, action) {
    const told = careful(async () => {
      await action();
      this.#changed();
    });
    return el("button", { type: "button", title: name, onclick: told }, text);
  }
}
