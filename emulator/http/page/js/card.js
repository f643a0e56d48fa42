/* One token on the page: its fob, how long its code stays, its gauge and its controls.

   What it shows is what the bench says; it never guesses ahead, except that the button under
   the hand goes down at once. */

import { get, post, tokenPath } from "./api.js";
import { duration } from "./benchclock.js";
import { Controls } from "./controls.js";
import { ServerSide } from "./serverside.js";
import { careful, complain, el, say, svg } from "./dom.js";
import { Fob } from "./fob.js";
import { Gauge } from "./gauge.js";
import { spoken } from "./lcd.js";

/** Shortest time between two looks at a token, ms: a racing clock makes events by the hundred. */
const LOOK_PAUSE_MS = 80;
const RING_R = 9;

const REASONS = {
  lit: "a code is on the display already",
  cleared: "it cleared the code that was lit",
  busy: "the token is still computing",
  error: "the token's memory is broken",
  dead: "the token is dead",
  expired: "the token's life is over",
  off: "the token has no power",
  glitch: "too short for the token to notice",
};

export class Card {
  token = null;
  #fob;
  #gauge;
  #panels;
  #clock;
  #parts = {};
  #acts = Promise.resolve();
  #looking = null;
  #again = false;
  #seenMs = 0;
  #fullNs = 0;
  #aheadNs = null;
  #downAtHand = false;
  #handsOn = true;

  /**
   * @param serial: whose.
   * @param scene: `{clock, capabilities, gone(serial), open(serial)}`.
   */
  constructor(serial, scene) {
    this.serial = serial;
    this.#clock = scene.clock;
    const heading = el("h3", {}, serial);
    const p = this.#parts;
    p.kind = el("span", { class: "kind" });
    p.fob = el("div", { class: "fob" });
    p.ring = ring();
    p.state = el("span", { class: "state" });
    p.note = el("span", { class: "note" });
    p.counter = el("span", { class: "counter" });
    p.spoken = el("p", { class: "visually-hidden", role: "status" });
    p.failure = el("p", { class: "failure", hidden: true });
    p.gauge = el("div", { class: "gauge-place" });
    p.flip = el("button", { type: "button", "aria-pressed": "false",
                            onclick: () => this.#flip() }, "Flip");
    this.element = el(
      "article",
      { class: "card", "aria-label": `Token ${serial}`, "data-serial": serial },
      el("header", {}, heading, p.kind,
        p.flip,
        el("button", { type: "button", class: "icon", "aria-label": `Take ${serial} off the page`,
                       onclick: () => scene.gone(serial) }, "×")),
      p.fob,
      el("div", { class: "readout" }, p.ring.root, p.state, p.counter, p.note),
      p.spoken, p.failure, p.gauge,
    );
    this.#fob = new Fob(p.fob, serial, {
      down: () => this.#down(),
      up: (heldMs) => this.#up(heldMs),
    });
    this.#gauge = new Gauge(p.gauge);
    this.#panels = [new Controls(this, scene), new ServerSide(this, scene)];
    this.element.append(...this.#panels.flatMap((panel) => panel.elements));
  }

  /** Believe whatever is seen next: a bench begun anew counts from the beginning. */
  forget() {
    this.token = null;
  }

  /** Look at the token again, soon; many calls are one look. */
  refresh() {
    if (this.#looking) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#look().finally(() => {
      setTimeout(() => {
        this.#looking = null;
        if (this.#again) {
          this.#again = false;
          this.refresh();
        }
      }, LOOK_PAUSE_MS);
    });
    return this.#looking;
  }

  async #look() {
    try {
      const token = await get(tokenPath(this.serial));
      if (token.type === "time") await this.#compare();
      this.#take(token);
    } catch (problem) {
      // Unreachable is told by the connection's state, once, not by every card.
      if (problem.status) this.#fail(problem.message);
    }
  }

  /** See how far the token's clock is from the bench's; both must be of one moment, as at
   * ×86,400 two answers are minutes apart. */
  async #compare() {
    const { at_ns: atNs, counter } = await get(tokenPath(this.serial, "state"));
    this.#aheadNs = counter.token_time_ns === null ? null : counter.token_time_ns - atNs;
  }

  /** The step that the token's clock is in at a time of the bench; `null` without power. */
  #step(nowNs) {
    if (this.#aheadNs === null) return null;
    return stepAt(nowNs + this.#aheadNs, this.token.step_s);
  }

  /** Take records of this token, for what no look can tell. */
  records(records) {
    for (const record of records) {
      if (record.kind === "refused") this.#refused(record.reason);
      for (const panel of this.#panels) panel.record?.(record);
    }
    if (records.some(({ kind }) => kind !== "traffic")) this.refresh();
  }

  /** Draw what changes with time alone. */
  tick() {
    if (!this.token) return;
    const { display } = this.token;
    const left = display.remaining_ns - this.#clock.passedNs(this.#seenMs);
    const lit = display.lit && display.remaining_ns > 0;
    this.#parts.ring.show(lit ? Math.max(0, left) / this.#fullNs : 0);
    let words = display.lit ? "lit" : "dark";
    if (lit) words = left > 0 ? `${duration(left)} left` : "going dark";
    if (this.#clock.paused) words += " · clock paused";
    say(this.#parts.state, words);
    const { counter, type } = this.token;
    say(this.#parts.counter,
      type === "time" ? `step ${this.#step(this.#clock.nowNs) ?? "–"}` : `next counter ${counter.next ?? "–"}`);
    this.#drawGauge();
  }

  #take(token) {
    if (this.token && token.sequence < this.token.sequence) return;
    const before = this.token?.display;
    this.token = token;
    this.#show(token.display, before);
    const kind = token.type === "time" ? `time, ${token.step_s} s` : "event";
    say(this.#parts.kind, `${token.profile} · ${kind}`);
    this.#fob.pressed = token.pressed && !this.#downAtHand;
    this.#fail(token.failure);
    for (const panel of this.#panels) panel.show(token);
    this.tick();
  }

  #show(display, before) {
    const relit = !before?.lit || before.text !== display.text;
    this.#seenMs = performance.now();
    this.#fullNs = relit ? display.remaining_ns : Math.max(this.#fullNs, display.remaining_ns);
    this.#fob.draw(display);
    const words = spoken(display);
    if (before && words !== spoken(before)) {
      say(this.#parts.spoken, words);
      if (display.lit) say(this.#parts.note, "");
    }
  }

  #fail(why) {
    this.#parts.failure.hidden = !why;
    say(this.#parts.failure, why || "");
  }

  #drawGauge() {
    const { counter, server, step_s, type } = this.token;
    const event = type === "event";
    const nowNs = this.#clock.nowNs; // looked at once: both sides are of one moment
    const token = event ? counter.next : this.#step(nowNs);
    let expected = null;
    if (server) {
      const { next_counter: next, step_offset: offset } = server;
      expected = event ? next : stepAt(nowNs, step_s) + (offset ?? 0);
    }
    const reading = { type, token, server: expected, look_ahead: server?.look_ahead ?? 0,
                      resync_window: server?.resync_window ?? 0, locked: server?.locked ?? false,
                      name: server?.name ?? "", step_s,
                      drift: server?.step_offset };
    const drawn = JSON.stringify(reading);
    if (drawn === this.#parts.drawn) return;
    this.#parts.drawn = drawn;
    this.#gauge.update(reading);
  }

  #down() {
    this.#downAtHand = true;
    this.#handsOn = this.#clock.handsOn;
    if (this.#handsOn) this.#act({ action: "press" });
  }

  #up(heldMs) {
    this.#downAtHand = false;
    if (this.#handsOn) this.#act({ action: "release" }, { last: true });
    else this.#act({ action: "press-and-release", hold_ms: Math.max(1, Math.round(heldMs)) });
  }

  /** One edge after the other: the network must not swap them. */
  #act(body, options) {
    this.#acts = this.#acts.then(async () => {
      try {
        const answer = await post(tokenPath(this.serial, "button"), body, options);
        this.#answered(answer);
      } catch (problem) {
        complain(problem);
      }
    });
  }

  #answered({ display, sequence, code, refused, factor }) {
    if (this.token && sequence >= this.token.sequence) {
      const before = this.token.display;
      this.token = { ...this.token, display, sequence };
      this.#show(display, before);
      this.tick();
    }
    if (refused) this.#refused(refused);
    // On a racing clock the code may be gone before anybody could have read it.
    if (code && !display.lit) {
      say(this.#parts.note, `It was ${code}, for counter ${factor}; dark again by now`);
      say(this.#parts.spoken, `code lit: ${[...code].join(" ")}; display dark`);
    }
  }

  #refused(reason) {
    const words = `Press refused: ${REASONS[reason] ?? reason}`;
    say(this.#parts.note, words);
    say(this.#parts.spoken, words);
  }

  #flip() {
    this.#fob.flip();
    this.#parts.flip.setAttribute("aria-pressed", String(this.#fob.flipped));
  }

  /** Send something for this token, tell what fails, and look at what came of it. */
  send = careful(async (verb, tail, body) => {
    const answer = await verb(tokenPath(this.serial, tail), body);
    this.refresh();
    return answer;
  });
}

function stepAt(timeNs, stepS) {
  return Math.floor(timeNs / 1e9 / stepS);
}

/** The remaining time as a ring that empties. */
function ring() {
  const length = 2 * Math.PI * RING_R;
  const arc = svg("circle", { class: "ring-arc", cx: 12, cy: 12, r: RING_R,
                              "stroke-dasharray": length });
  const root = svg("svg", { class: "ring", viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("circle", { class: "ring-track", cx: 12, cy: 12, r: RING_R }), arc);
  const show = (share) => arc.setAttribute("stroke-dashoffset", length * (1 - (share || 0)));
  show(0);
  return { root, show };
}
