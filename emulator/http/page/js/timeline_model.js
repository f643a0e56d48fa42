// Records of the journal, sorted into lanes and laid out on an axis: no document in here.
//
// Two axes. By time: milliseconds of bench time (a double holds 256 ns of today's time, the
// finest that can be zoomed to is one millisecond). By event: every record takes one slot, so
// that presses hours apart stand side by side.
//
// Holds the newest records only: a bench that runs for months must not fill a browser.

import { LANES, lookOf } from "./timeline_words.js";

export const CAPACITY = 50_000;
export const BY_TIME = "time";
export const BY_EVENT = "event";
const SHORTEST = { [BY_TIME]: 1, [BY_EVENT]: 4 };
const MARGIN = { low: 0.03, high: 0.08 }; // shares of the span; the newest label needs room

/** First index of `items` for which `test` holds; they are sorted so that it holds to the end. */
function firstWhere(items, test) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class Records {
  #capacity;
  #all = []; // in order of sequence
  #lanes = new Map(); // id -> {time, event}: its items in the order of either axis
  #open = new Map(); // `${serial} press` or `${serial} code` -> item that lasts still
  #folded;
  #slots = 0;
  #newest = 0;
  #latest = -Infinity; // ms
  #longest = new Map(); // id -> {time, event}: the longest bar

  /** `capacity`: records kept; `folded`: ids of the lanes that are not shown. */
  constructor({ capacity = CAPACITY, folded = ["ports", "inside"] } = {}) {
    this.#capacity = capacity;
    this.#folded = new Set(folded);
    this.clear();
  }

  clear() {
    this.#all = [];
    this.#open.clear();
    this.#slots = 0;
    this.#newest = 0;
    this.#latest = -Infinity;
    for (const { id } of LANES) {
      this.#lanes.set(id, { [BY_TIME]: [], [BY_EVENT]: [] });
      this.#longest.set(id, { [BY_TIME]: 0, [BY_EVENT]: 0 });
    }
  }

  get length() {
    return this.#all.length;
  }

  /** Number of the newest record ever added; 0 before the first. */
  get newest() {
    return this.#newest;
  }

  /** Lanes that are shown. */
  get lanes() {
    return LANES.filter(({ id }) => !this.#folded.has(id));
  }

  isFolded(id) {
    return this.#folded.has(id);
  }

  /** Show a lane or not. Slots are dealt anew: hidden records take none. */
  fold(id, folded) {
    if (folded) this.#folded.add(id);
    else this.#folded.delete(id);
    this.#slots = 0;
    for (const item of this.#all) {
      item.slot = this.#slots;
      if (!this.#folded.has(item.lane)) this.#slots += 1;
    }
    for (const longest of this.#longest.values()) longest[BY_EVENT] = 0;
    for (const item of this.#all) this.#grow(item);
  }

  /** Add records in order; those that are here already (a stream that came back) are passed over. */
  add(records) {
    for (const record of records) {
      if (record.sequence <= this.#newest) continue;
      this.#newest = record.sequence;
      this.#append(record);
    }
    // In bulk, and seldom: each time costs as much as all that is kept.
    if (this.#all.length > this.#capacity * 1.1) this.#trim();
  }

  #append(record) {
    const { lane, shape, tone, label } = lookOf(record);
    // An advance is told when it is over; all else begins when it is told.
    const at = (record.kind === "advanced" ? record.from_ns : record.at_ns) / 1e6;
    // A bar has an end once it is over: `to` in time, `closing` is the item that ended it.
    const item = { record, lane, shape, tone, label, at, slot: this.#slots };
    Object.assign(item, { to: at, closing: null, lasting: false });
    if (!this.#folded.has(lane)) this.#slots += 1;
    this.#latest = Math.max(this.#latest, at);
    this.#all.push(item);
    this.#pair(item);
    if (record.kind === "advanced") {
      item.to = record.at_ns / 1e6;
      this.#latest = Math.max(this.#latest, item.to);
      this.#grow(item);
    }
    const lanes = this.#lanes.get(lane);
    lanes[BY_EVENT].push(item);
    const timed = lanes[BY_TIME];
    if (!timed.length || timed.at(-1).at <= at) timed.push(item);
    else timed.splice(firstWhere(timed, (other) => other.at > at), 0, item); // clock was set back
  }

  /** Begin or end a bar: the button's from down to up, the display's from lit to dark. */
  #pair(item) {
    const { kind, serial, closed } = item.record;
    const code = `${serial} code`;
    const press = `${serial} press`;
    if (kind === "edge") {
      this.#end(press, item);
      if (closed) this.#begin(press, item);
      else item.shape = "end";
    } else if (kind === "lit" || kind === "shown") {
      this.#end(code, item); // a time token's code may be followed by the next one at once
      this.#begin(code, item);
    } else if (kind === "dark" || kind === "power_lost") {
      this.#end(code, item);
    } else if (kind === "removed" || kind === "placed") {
      this.#end(code, item);
      this.#end(press, item);
    }
  }

  #begin(key, item) {
    item.lasting = true;
    this.#open.set(key, item);
  }

  #end(key, by) {
    const item = this.#open.get(key);
    if (!item) return;
    this.#open.delete(key);
    Object.assign(item, { to: by.at, closing: by, lasting: false });
    this.#grow(item);
  }

  #grow(item) {
    const longest = this.#longest.get(item.lane);
    longest[BY_TIME] = Math.max(longest[BY_TIME], item.to - item.at);
    longest[BY_EVENT] = Math.max(longest[BY_EVENT], (item.closing ?? item).slot - item.slot);
  }

  #trim() {
    this.#all.splice(0, this.#all.length - this.#capacity);
    const oldest = this.#all[0].record.sequence;
    const kept = (items) => items.filter((item) => item.record.sequence >= oldest);
    for (const [id, { time, event }] of this.#lanes) {
      this.#lanes.set(id, { [BY_TIME]: kept(time), [BY_EVENT]: kept(event) });
    }
    for (const [key, item] of this.#open) {
      if (item.record.sequence < oldest) this.#open.delete(key);
    }
  }

  /** Where an item begins on an axis. */
  from(item, mode) {
    return mode === BY_TIME ? item.at : item.slot;
  }

  /** Where an item ends on an axis: at its beginning if it takes no time, now if it lasts. */
  to(item, mode) {
    if (item.lasting) return mode === BY_TIME ? this.#latest : this.#slots;
    return mode === BY_TIME ? item.to : (item.closing ?? item).slot;
  }

  /** Everything there is: {low, high}, with a margin; null if there is nothing. */
  extent(mode) {
    if (!this.#all.length) return null;
    let low = this.#all[0].slot;
    let high = this.#slots;
    if (mode === BY_TIME) {
      const firsts = [...this.#lanes.values()].map((lane) => lane[BY_TIME][0]?.at ?? Infinity);
      low = Math.min(...firsts);
      high = this.#latest;
    }
    const span = Math.max(high - low, SHORTEST[mode]);
    return { low: low - span * MARGIN.low, high: low + span * (1 + MARGIN.high) };
  }

  /** Items of a lane that are in view, in order, also those that only last into it. */
  *visible(id, view) {
    const { mode } = view;
    const items = this.#lanes.get(id)[mode];
    const reach = view.low - this.#longest.get(id)[mode];
    for (const item of this.#open.values()) {
      if (item.lane === id && this.from(item, mode) < reach) yield item;
    }
    for (let index = firstWhere(items, (item) => this.from(item, mode) >= reach); ; index += 1) {
      const item = items[index];
      if (!item || this.from(item, mode) > view.high) return;
      if (this.to(item, mode) >= view.low) yield item;
    }
  }

  /** The newest `limit` items in view on the lanes shown, oldest first. */
  listed(view, limit) {
    const found = [];
    for (let index = this.#all.length - 1; index >= 0 && found.length < limit; index -= 1) {
      const item = this.#all[index];
      const from = this.from(item, view.mode);
      if (!this.#folded.has(item.lane) && from >= view.low && from <= view.high) found.push(item);
    }
    return found.reverse();
  }

  /** The item of a record; null if it is no longer kept. */
  find(sequence) {
    const item = this.#all[firstWhere(this.#all, ({ record }) => record.sequence >= sequence)];
    return item?.record.sequence === sequence ? item : null;
  }

  /** The item at a slot, or the first after it: what the axis by event is labelled with. */
  atSlot(slot) {
    return this.#all[firstWhere(this.#all, (item) => item.slot >= slot)] ?? null;
  }
}

/** A view zoomed by `factor` (below 1: closer) about `at`, on no more than twice `extent`. */
export function zoomed(view, factor, at, extent) {
  const most = extent ? (extent.high - extent.low) * 2 : Infinity;
  const span = view.high - view.low;
  const wanted = Math.max(Math.min(span * factor, most), SHORTEST[view.mode]);
  const share = (at - view.low) / span;
  const low = at - wanted * share;
  return { ...view, low, high: low + wanted };
}

/** A view moved by `by`, but never past everything. */
export function panned(view, by, extent) {
  const span = view.high - view.low;
  let low = view.low + by;
  if (extent) low = Math.min(Math.max(low, extent.low - span * 0.9), extent.high - span * 0.1);
  return { ...view, low, high: low + span };
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map(
    (seconds) => seconds * SECOND,
  ),
  ...[1, 2, 7, 14, 30, 91, 182, 365, 730, 1826, 3652].map((days) => days * DAY),
];

/** Labels of the axis: [{at, text}], at most about `limit`. */
export function ticksOf(view, limit, records) {
  const room = (view.high - view.low) / Math.max(limit, 1);
  if (view.mode === BY_EVENT) return slotTicks(view, room, records);
  const step = TIME_STEPS.find((size) => size >= room) ?? Math.ceil(room / DAY) * DAY;
  const ticks = [];
  for (let at = Math.ceil(view.low / step) * step; at <= view.high; at += step) {
    ticks.push({ at, text: axisText(at, step) });
  }
  return ticks;
}

function slotTicks(view, room, records) {
  const power = 10 ** Math.floor(Math.log10(Math.max(room, 1)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= room) ?? 1;
  const found = [];
  for (let at = Math.max(0, Math.ceil(view.low / step) * step); at <= view.high; at += step) {
    const item = records.atSlot(at);
    if (!item) break;
    found.push([at, item.at]);
  }
  const days = found.length > 1 && Math.abs(found.at(-1)[1] - found[0][1]) >= DAY;
  return found.map(([at, ms]) => ({ at, text: axisText(ms, days ? 60 * SECOND : SECOND) }));
}

function axisText(ms, step) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "";
  const text = date.toISOString();
  if (step >= DAY) return text.slice(0, 10);
  if (step < SECOND) return text.slice(11, 23);
  return step >= 60 * SECOND ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 19);
}
