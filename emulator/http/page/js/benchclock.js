/* The bench's time between two looks at it, so that seconds can be counted down without
   asking each time. It only shows; what happens when is the bench's to say. */

/** A person's press at up to this rate is felt by the token edge by edge. */
const HANDS_ON_RATE = 10;

export class BenchClock {
  mode = "manual";
  rate = 0;
  virtual = false;
  #nowNs = 0;
  #seenMs = 0;

  /** Take over what the bench says: `{now_ns, clock: {mode, rate, virtual}}`. */
  update({ now_ns: nowNs, clock }) {
    this.mode = clock.mode;
    this.rate = clock.rate;
    this.virtual = clock.virtual;
    this.#nowNs = nowNs;
    this.#seenMs = performance.now();
  }

  get paused() {
    return this.rate === 0;
  }

  /** Whether key down and key up can be sent as they happen.
   *
   * When the clock stands, no debounce ends; when it races, a tenth of a second of a hand
   * is hours of holding. There a press is sent as a whole, with the time it was held. */
  get handsOn() {
    return this.rate > 0 && this.rate <= HANDS_ON_RATE;
  }

  /** Bench time now, ns since 1970. */
  get nowNs() {
    return this.#nowNs + this.passedNs(this.#seenMs);
  }

  /** Bench time since a moment of `performance.now()`, ns. */
  passedNs(sinceMs) {
    return (performance.now() - sinceMs) * 1e6 * this.rate;
  }

  /** The clock's mode in words. */
  get words() {
    if (this.paused) return "clock paused";
    if (!this.virtual) return "host clock";
    return this.rate === 1 ? "real time" : `×${this.rate.toLocaleString("en")}`;
  }
}

/** Bench time to the second, as `2026-01-05 08:00:00`, UTC. */
export function spelt(ns) {
  return new Date(ns / 1e6).toISOString().replace("T", " ").slice(0, -5);
}

/** A length of bench time as a person says it. */
export function duration(ns) {
  const s = ns / 1e9;
  if (s < 120) return `${Math.ceil(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} days`;
}
