// The timeline: what happened on the bench, lane by lane; click an event to see its state.
//
// A canvas for the eyes, a list of the newest events in view for the keyboard and for those
// who listen, and the selected event's details. Painted at most once a frame, and the list
// filled at leisure, so that a bench that presses thousands of times a second costs no more.

import { BY_EVENT, BY_TIME, Records, panned, zoomed } from "./timeline_model.js";
import { fromX, layoutOf, paint } from "./timeline_paint.js";
import { EventList, button, detailsOf, part } from "./timeline_parts.js";
import { LANES, timeWords } from "./timeline_words.js";

const LISTED = 50;
const LIST_EVERY = 150; // ms; our default
const ZOOM_STEP = 1.5;
const PAN_SHARE = 0.15;
const DRAG_SLACK = 4; // px
const REACH = 12; // px round a mark that still hit it
const FIT = "fit";
const LIVE = "live";
// What timeline.css has a colour for.
const TONES = ["ink", "soft", "ground", "stripe", "grid", "quiet"].concat(
  ["good", "bad", "warn", "accent", "onAccent"],
);

export class Timeline {
  #records;
  #handlers;
  #view = { mode: BY_TIME, low: 0, high: 60_000 };
  #track = FIT; // what the view does when records come: FIT, LIVE or null
  #selected = null;
  #marks = [];
  #layout = null;
  #colours = null;
  #frame = 0;
  #listing = 0;
  #pointers = new Map();
  #dragged = 0;
  #root = part("div", "timeline");
  #bar = part("div", "timeline-bar");
  #plot = part("div", "timeline-plot");
  #canvas = document.createElement("canvas");
  #probe = part("div", "timeline-probe");
  #list = new EventList({
    select: (item) => this.#choose(item),
    key: (event) => this.#key(event, {}),
  });
  #details = part("section", "timeline-details");
  #toggles = [];

  /**
   * Draw into `element`, which is emptied.
   *
   * The handlers are called with (sequence, record) of the selected event: onSelect to see the
   * token as of then, onFork to copy it from there, onWhatIf to leave a press out. A button
   * without its handler is not there. `capacity`: how many records are kept.
   */
  constructor(element, { onSelect, onFork, onWhatIf, capacity } = {}) {
    this.#handlers = { onSelect, onFork, onWhatIf };
    this.#records = new Records({ capacity });
    this.#build();
    element.replaceChildren(this.#root);
    this.#observe();
    this.#showDetails();
    this.#changed();
  }

  /** Take records of the journal (mappings), in order; those known already are passed over. */
  add(records) {
    this.#records.add(records);
    this.#follow();
    this.#changed();
  }

  /** Forget everything. */
  reset() {
    this.#records.clear();
    this.#selected = null;
    this.#track = FIT;
    this.#showDetails();
    this.#changed();
  }

  /** Select the event with this number and bring it into view. Returns whether it is kept. */
  select(sequence) {
    const item = this.#records.find(sequence);
    if (item === null) return false;
    this.#choose(item);
    return true;
  }

  /** Marks on the canvas as last painted: never more than there is room for. */
  get drawn() {
    return this.#marks.length;
  }

  /** The view: {mode, low, high}, in milliseconds by time, in slots by event. */
  get view() {
    return { ...this.#view };
  }

  #build() {
    this.#bar.setAttribute("role", "toolbar");
    this.#bar.setAttribute("aria-label", "Timeline view");
    this.#toggle("By time", () => this.#setMode(BY_TIME), () => this.#view.mode === BY_TIME);
    this.#toggle("By event", () => this.#setMode(BY_EVENT), () => this.#view.mode === BY_EVENT);
    this.#bar.append(
      button("−", () => this.#zoom(ZOOM_STEP), "Zoom out"),
      button("+", () => this.#zoom(1 / ZOOM_STEP), "Zoom in"),
    );
    this.#toggle("Fit", () => this.#setTrack(FIT), () => this.#track === FIT);
    this.#toggle("Follow", () => this.#setTrack(LIVE), () => this.#track === LIVE);
    for (const { id, title } of LANES.filter(({ collapsible }) => collapsible)) {
      this.#toggle(title, () => this.#fold(id), () => !this.#records.isFolded(id));
    }
    this.#plot.tabIndex = 0;
    this.#plot.setAttribute("role", "application");
    this.#plot.setAttribute("aria-roledescription", "timeline");
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#probe.append(
      ...TONES.map((tone) => {
        const element = document.createElement("i");
        element.dataset.tone = tone;
        return element;
      }),
    );
    this.#plot.append(this.#canvas);
    this.#details.setAttribute("aria-label", "Selected event");
    this.#details.setAttribute("aria-live", "polite");
    const below = part("div", "timeline-below");
    below.append(this.#list.element, this.#details);
    this.#root.append(this.#bar, this.#plot, below, this.#probe);
  }

  #toggle(text, act, pressed) {
    const element = button(text, act);
    this.#toggles.push([element, pressed]);
    this.#bar.append(element);
  }

  #observe() {
    this.#plot.addEventListener("keydown", (event) => this.#plotKey(event));
    this.#plot.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#plot.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    this.#plot.addEventListener("pointermove", (event) => this.#pointerMove(event));
    this.#plot.addEventListener("pointerup", (event) => this.#pointerUp(event));
    this.#plot.addEventListener("pointercancel", (event) => this.#pointers.delete(event.pointerId));
    new ResizeObserver(() => this.#changed()).observe(this.#plot);
    // A canvas knows nothing of style sheets: read the colours again when the theme changes.
    const repaint = () => {
      this.#colours = null;
      this.#changed();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    const root = { attributes: true, attributeFilter: ["class", "data-theme", "style"] };
    new MutationObserver(repaint).observe(document.documentElement, root);
  }

  // The view.

  #setMode(mode) {
    if (mode === this.#view.mode) return;
    const middle = this.#selected;
    this.#view = { mode, ...(this.#records.extent(mode) ?? { low: 0, high: 1 }) };
    this.#track ??= FIT;
    if (middle) this.#reveal(middle);
    this.#changed();
  }

  #setTrack(track) {
    this.#track = this.#track === track ? null : track;
    this.#follow();
    this.#changed();
  }

  #fold(id) {
    this.#records.fold(id, !this.#records.isFolded(id));
    this.#follow();
    this.#changed();
  }

  #follow() {
    const extent = this.#records.extent(this.#view.mode);
    if (extent === null || this.#track === null) return;
    if (this.#track === FIT) {
      this.#view = { ...this.#view, ...extent };
    } else {
      const span = Math.min(this.#view.high - this.#view.low, extent.high - extent.low);
      this.#view = { ...this.#view, low: extent.high - span, high: extent.high };
    }
  }

  #zoom(factor, at = null) {
    const { low, high, mode } = this.#view;
    // While it follows, the newest stays where it is; otherwise what is under the pointer.
    const live = this.#track === LIVE;
    const about = live ? high : (at ?? (low + high) / 2);
    this.#view = zoomed(this.#view, factor, about, this.#records.extent(mode));
    if (!live) this.#track = null;
    this.#changed();
  }

  #pan(by) {
    this.#track = null;
    this.#view = panned(this.#view, by, this.#records.extent(this.#view.mode));
    this.#changed();
  }

  #reveal(item) {
    const { mode, low, high } = this.#view;
    const at = this.#records.from(item, mode);
    if (at >= low && at <= high) return;
    this.#track = null;
    const half = (high - low) / 2;
    this.#view = { mode, low: at - half, high: at + half };
  }

  // Painting, at most once a frame.

  #changed() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
    this.#listing ||= setTimeout(() => {
      this.#listing = 0;
      this.#fillList();
    }, LIST_EVERY);
  }

  #paint() {
    for (const [element, pressed] of this.#toggles) {
      element.setAttribute("aria-pressed", String(pressed()));
    }
    const width = this.#plot.clientWidth;
    if (!width) return; // not shown at present
    this.#colours ??= this.#readColours();
    const layout = layoutOf(width, this.#records.lanes.length);
    this.#layout = layout;
    const ratio = devicePixelRatio || 1;
    const size = [Math.round(width * ratio), Math.round(layout.height * ratio)];
    if (this.#canvas.width !== size[0] || this.#canvas.height !== size[1]) {
      [this.#canvas.width, this.#canvas.height] = size;
      this.#plot.style.setProperty("--timeline-height", `${layout.height}px`);
    }
    const context = this.#canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#marks = paint(context, {
      records: this.#records,
      view: this.#view,
      layout,
      colours: this.#colours,
      selected: this.#selected,
    });
  }

  #readColours() {
    return Object.fromEntries(
      [...this.#probe.children].map((element) => [element.dataset.tone, getComputedStyle(element).color]),
    );
  }

  // The pointer.

  #wheel(event) {
    event.preventDefault();
    if (!this.#layout) return;
    const { deltaX, deltaY, shiftKey } = event;
    if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
      this.#pan(this.#perPixel() * (deltaX || deltaY));
    } else {
      this.#zoom(Math.exp(deltaY * 0.0015), this.#valueAt(event));
    }
  }

  #perPixel() {
    const { width, left } = this.#layout;
    return (this.#view.high - this.#view.low) / (width - left);
  }

  #valueAt({ clientX }) {
    const x = clientX - this.#canvas.getBoundingClientRect().left;
    return fromX(x, this.#view, this.#layout);
  }

  #pointerDown(event) {
    if (event.button !== 0) return;
    this.#plot.setPointerCapture(event.pointerId);
    if (!this.#pointers.size) this.#dragged = 0;
    this.#pointers.set(event.pointerId, event);
  }

  #pointerMove(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.#layout) return;
    const other = [...this.#pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    this.#pointers.set(event.pointerId, event);
    this.#dragged += Math.abs(event.clientX - before.clientX);
    if (other) {
      // Two fingers: zoom by how far apart they are, about the one that rests.
      const apart = (one) => Math.max(Math.abs(one.clientX - other.clientX), 1);
      this.#zoom(apart(before) / apart(event), this.#valueAt(other));
    } else if (this.#dragged > DRAG_SLACK) {
      this.#pan((before.clientX - event.clientX) * this.#perPixel());
    }
  }

  #pointerUp(event) {
    const alone = this.#pointers.size === 1;
    const down = this.#pointers.delete(event.pointerId);
    if (!down || !alone || this.#dragged > DRAG_SLACK) return;
    const box = this.#canvas.getBoundingClientRect();
    const item = this.#hit(event.clientX - box.left, event.clientY - box.top);
    if (item) this.#choose(item);
  }

  /** The nearest mark of the lane under a point; a mark drawn later lies above. */
  #hit(x, y) {
    let best = null;
    let closest = REACH;
    for (const mark of this.#marks) {
      if (Math.abs(mark.y - y) > this.#layout.lane / 2) continue;
      const away = Math.max(mark.x - x, x - mark.to, 0);
      if (away <= closest) [best, closest] = [mark.item, away];
    }
    return best;
  }

  // The keyboard.

  #plotKey(event) {
    const span = this.#view.high - this.#view.low;
    const extent = this.#records.extent(this.#view.mode);
    const keys = {
      ArrowLeft: () => this.#pan(-span * PAN_SHARE),
      ArrowRight: () => this.#pan(span * PAN_SHARE),
      Home: () => extent && this.#pan(extent.low - this.#view.low),
      End: () => extent && this.#pan(extent.high - this.#view.high),
      ArrowDown: () => this.#list.focus(),
    };
    this.#key(event, keys);
  }

  #key(event, keys) {
    const shared = {
      "+": () => this.#zoom(1 / ZOOM_STEP),
      "=": () => this.#zoom(1 / ZOOM_STEP),
      "-": () => this.#zoom(ZOOM_STEP),
      0: () => this.#setTrack(FIT),
    };
    const act = keys[event.key] ?? shared[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  // The list.

  #fillList() {
    const items = this.#records.listed(this.#view, LISTED);
    this.#list.fill(items, this.#selected);
    this.#plot.setAttribute("aria-label", this.#summary(items));
  }

  #summary(items) {
    const keys = "Arrow keys move, plus and minus zoom, zero fits all, arrow down enters the list.";
    if (!items.length) return `Timeline, no events in view. ${keys}`;
    const [first, last] = [timeWords(items[0].at), timeWords(items.at(-1).at)];
    const number = items.length === LISTED ? `newest ${LISTED} of the events` : `${items.length} events`;
    return `Timeline, ${number} in view, from ${first} to ${last}. ${keys}`;
  }

  // The details.

  #choose(item) {
    this.#selected = item;
    this.#reveal(item);
    this.#showDetails();
    this.#list.choose(item);
    this.#changed();
  }

  #showDetails() {
    this.#details.replaceChildren(...detailsOf(this.#selected, this.#handlers));
  }
}
