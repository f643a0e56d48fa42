/* The page as a whole: start, which tokens are on it, and who is told what happened.

   Which tokens are shown stands in the address, so that a link or a reload shows the same. */

import { ApiError, get, setBearer } from "./api.js";
import { BenchClock } from "./benchclock.js";
import { Card } from "./card.js";
import { ClockBar } from "./clockbar.js";
import { careful, complain, say } from "./dom.js";
import { loadGeometry } from "./lcd.js";
import { Moment } from "./moment.js";
import { Search } from "./search.js";
import { Snapshots } from "./snapshots.js";
import { EventStream } from "./stream.js";
import { choosable } from "./theme.js";
import { Timeline } from "./timeline.js";

/** Tokens shown when the address names none. */
const FIRST_TOKENS = 3;
/** How far back the timeline begins, records, and in how many pages at most. */
const PAST = 20_000;
const PAST_PAGES = 8;
const PAGE = 1000;
const TICK_MS = 100;
/** The bench is looked at again after so long: a host's clock may be set at any time. */
const CHECK_MS = 10_000;
const RETRY_MS = 1000;
/** So much later than it seems, in seconds of the host, is late enough to look at the bench. */
const LEAP_NS = 500_000_000;
/** As in style.css: list and tokens side by side. */
const WIDE = "(min-width: 761px)";
const OF_CLOCK = new Set(["rate_set", "advanced", "shift_time"]);
const OF_LIST = new Set(["placed", "removed"]);
const CONNECTION = { live: "live", reconnecting: "reconnecting…", refused: "not allowed in" };

const at = (id) => document.getElementById(id);

class App {
  #clock = new BenchClock();
  #cards = new Map();
  #capabilities = null;
  #parts = {};
  #stream;
  #loading = Promise.resolve();
  #looking = Promise.resolve();
  #benchLook = null;

  async start() {
    choosable(at("theme"));
    at("search-panel").open = matchMedia(WIDE).matches; // on a phone the fob comes first
    this.#askForBearer();
    this.#state("reconnecting");
    await loadGeometry();
    this.#capabilities = await get("capabilities");
    const open = (serial) => this.#toggle(serial);
    this.#parts = {
      bar: new ClockBar(
        { time: at("bench-time"), mode: at("clock-mode"), controls: at("clock-controls") },
        this.#clock, { changed: careful(() => this.#lookAtBench()) }),
      search: new Search(at("search"), { open }),
      timeline: null,
      moment: new Moment(at("moment"), { open: (serial) => this.#show(serial) }),
    };
    const { moment } = this.#parts;
    this.#parts.timeline = new Timeline(at("timeline"), {
      onSelect: moment.see, onFork: moment.fork, onWhatIf: moment.whatIf,
    });
    if (this.#capabilities.snapshots) {
      at("snapshots-panel").hidden = false;
      this.#parts.snapshots = new Snapshots(at("snapshots"), { restored: () => this.#reload() });
      this.#parts.snapshots.refresh();
    }
    this.#stream = new EventStream({
      hello: () => this.#again(),
      records: (records) => this.#records(records),
      gap: () => this.#reload(),
      state: (state) => this.#state(state),
    });
    addEventListener("hashchange", () => this.#route());
    await this.#route({ fallback: true });
    setInterval(() => this.#tick(), TICK_MS);
    setInterval(() => this.#check(), CHECK_MS);
    this.#parts.search.refresh();
  }

  /** Show the tokens that the address names. */
  async #route({ fallback = false } = {}) {
    let serials = location.hash.slice(1).split(",").map(decodeURIComponent).filter(Boolean);
    if (!serials.length && fallback) {
      const first = await get("tokens", { limit: FIRST_TOKENS });
      serials = first.tokens.map(({ serial }) => serial);
    }
    for (const serial of this.#cards.keys()) {
      if (!serials.includes(serial)) this.#drop(serial);
    }
    for (const serial of serials) this.#add(serial);
    this.#remember();
    await this.#reload();
  }

  #toggle(serial) {
    if (this.#cards.has(serial)) this.#hide(serial);
    else this.#show(serial);
  }

  #show(serial) {
    this.#add(serial);
    this.#remember();
    this.#cards.get(serial).element.scrollIntoView({ block: "nearest" });
    this.#reload();
  }

  #hide(serial) {
    this.#drop(serial);
    this.#remember();
    this.#reload();
  }

  #add(serial) {
    if (this.#cards.has(serial)) return;
    const card = new Card(serial, {
      clock: this.#clock,
      capabilities: this.#capabilities,
      gone: (gone) => this.#hide(gone),
      open: (other) => this.#show(other),
    });
    this.#cards.set(serial, card);
    at("cards").append(card.element);
  }

  #drop(serial) {
    this.#cards.get(serial).element.remove();
    this.#cards.delete(serial);
  }

  #remember() {
    const serials = [...this.#cards.keys()];
    // Not through location.hash: leaving a token is no step to go back to.
    history.replaceState(null, "", `#${serials.map(encodeURIComponent).join(",")}`);
    this.#parts.search.chosen = serials;
    at("nothing").hidden = serials.length > 0;
  }

  /** Load all that is shown, and follow what happens from there on; until that succeeds. */
  #reload() {
    this.#loading = this.#loading.then(async () => {
      this.#stream.stop();
      for (;;) {
        try {
          return await this.#load();
        } catch (problem) {
          if (problem.status) return complain(problem);
          this.#state("reconnecting");
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    });
    return this.#loading;
  }

  async #load() {
    const { timeline, moment } = this.#parts;
    const bench = await this.#lookAtBench();
    const past = await this.#past(bench);
    timeline.reset();
    moment.reset();
    this.#tell(past);
    for (const card of this.#cards.values()) card.forget();
    this.#stream.watch(bench.sequence); // its hello has the cards look at their tokens
  }

  /** Records of the tokens shown, and of the bench as a whole, up to now. */
  async #past({ sequence, oldest }) {
    const from = Math.max(oldest - 1, sequence - PAST, 0);
    const serials = [...this.#cards.keys()];
    const [own, common] = await Promise.all([
      serials.length ? pages({ serial: serials }, from, sequence) : [],
      pages({ kind: [...OF_CLOCK] }, from, sequence),
    ]);
    const ofBench = common.filter(({ serial }) => serial === "");
    return [...own, ...ofBench].sort((one, other) => one.sequence - other.sequence);
  }

  /** The stream is open, perhaps again: what is no record may have changed meanwhile. */
  #again() {
    careful(() => this.#lookAtBench())();
    for (const card of this.#cards.values()) card.refresh();
  }

  #records(records) {
    const shown = records.filter(({ serial }) => serial === "" || this.#cards.has(serial));
    this.#tell(shown);
    // A press of any token on a virtual clock takes its time, and so moves everybody's.
    const { nowNs, rate } = this.#clock;
    const leapt = records.at(-1).at_ns - nowNs > LEAP_NS * rate;
    const moved = leapt || records.some(({ serial, kind }) => serial === "" || OF_CLOCK.has(kind));
    if (moved) careful(() => this.#lookAtBench())();
    for (const [serial, card] of this.#cards) {
      const own = shown.filter((record) => record.serial === serial);
      if (own.length) card.records(own);
      else if (moved) card.refresh();
    }
    if (records.some(({ kind }) => OF_LIST.has(kind))) this.#parts.search.refresh();
  }

  #tell(records) {
    if (!records.length) return;
    this.#parts.moment.add(records);
    this.#parts.timeline.add(records);
  }

  /** Many calls while one is under way are one more. */
  #lookAtBench() {
    this.#benchLook ??= this.#looking.then(async () => {
      this.#benchLook = null; // whoever calls from here on wants what is answered later
      const bench = await get("bench");
      this.#clock.update(bench);
      this.#parts.bar.show();
      return bench;
    });
    const look = this.#benchLook;
    this.#looking = look.catch(() => {});
    return look;
  }

  #tick() {
    if (document.hidden) return;
    this.#parts.bar.tick();
    for (const card of this.#cards.values()) card.tick();
  }

  #check() {
    if (document.hidden || this.#clock.paused || at("connection").dataset.state !== "live") return;
    this.#again();
  }

  #state(state) {
    const place = at("connection");
    place.dataset.state = state;
    say(place, CONNECTION[state]);
    if (state === "refused") at("bearer").showModal();
  }

  #askForBearer() {
    at("bearer-form").addEventListener("submit", () => {
      setBearer(at("bearer-token").value.trim());
      location.reload();
    });
  }
}

async function pages(filter, from, to) {
  const records = [];
  let after = from;
  for (let i = 0; i < PAST_PAGES && after < to; i += 1) {
    const page = await get("journal", { ...filter, after, limit: PAGE });
    records.push(...page.records.filter(({ sequence }) => sequence <= to));
    if (page.next <= after) break;
    after = page.next;
  }
  return records;
}

new App().start().catch((problem) => {
  if (problem instanceof ApiError && problem.status === 401) at("bearer").showModal();
  else complain(problem);
});
