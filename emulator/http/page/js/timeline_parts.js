// What stands below the timeline's canvas: the list of events, and one event's details.

import { fieldsOf, isPress, timeWords, wordsOf } from "./timeline_words.js";

/** An element with a class and a text. */
export function part(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

/** A button; `label` is what those hear who can't see its sign. */
export function button(text, act, label = text) {
  const element = part("button", "timeline-button", text);
  element.type = "button";
  if (label !== text) element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}

/**
 * Events as a list box: one stop for Tab, arrow keys inside, Enter selects.
 *
 * `select(item)` is called with what is selected, `key(event)` with keys that are not the list's.
 */
export class EventList {
  element = part("div", "timeline-events");
  #list = part("ul", "timeline-list");
  #none = part("p", "timeline-none", "No events in view.");
  #items = [];
  #active = null; // the item that Tab goes to
  #selected = null;
  #shown = null; // the selected item that the list was last scrolled to
  #select;
  #key;

  constructor({ select, key }) {
    this.#select = select;
    this.#key = key;
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "Newest events in view");
    this.#list.addEventListener("keydown", (event) => this.#keyDown(event));
    this.#list.addEventListener("click", ({ target }) => {
      const item = this.#itemOf(target.closest("[data-sequence]"));
      if (item) this.#select(item);
    });
    this.element.append(this.#none, this.#list);
  }

  /** Show these items, which are in order. */
  fill(items, selected) {
    const focused = this.#list.contains(document.activeElement);
    this.#items = [...items];
    this.#selected = selected;
    // Whoever is reading an event keeps it, also when newer ones push it out of the list.
    if (focused && this.#active && !items.includes(this.#active)) {
      this.#items.push(this.#active);
      this.#items.sort((one, other) => one.record.sequence - other.record.sequence);
    }
    if (!this.#items.includes(this.#active)) {
      this.#active = this.#items.includes(selected) ? selected : (this.#items.at(-1) ?? null);
    }
    // Who has scrolled back to read stays there; who is at the end stays at the end.
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    const atEnd = scrollHeight - scrollTop - clientHeight < 4;
    this.#arrange();
    this.#mark();
    this.#none.hidden = this.#items.length > 0;
    this.#list.hidden = this.#items.length === 0;
    if (atEnd && !focused) this.#list.scrollTop = this.#list.scrollHeight;
    if (this.#shown !== selected) this.#scrollTo(selected);
    this.#shown = selected;
  }

  /** Mark an item as the selected one; the list is filled later. */
  choose(item) {
    this.#selected = item;
    this.#active = item;
    this.#mark();
  }

  /** Put the keyboard's focus on the item that it was on last. */
  focus() {
    this.#list.querySelector('[tabindex="0"]')?.focus();
  }

  #itemOf(element) {
    const sequence = Number(element?.dataset.sequence);
    return this.#items.find(({ record }) => record.sequence === sequence);
  }

  /** Bring the elements in line; those that stay are not moved: that would lose focus. */
  #arrange() {
    const wanted = new Set(this.#items.map(({ record }) => String(record.sequence)));
    for (const element of [...this.#list.children]) {
      if (!wanted.has(element.dataset.sequence)) element.remove();
    }
    this.#items.forEach((item, index) => {
      const there = this.#list.children[index];
      if (there?.dataset.sequence === String(item.record.sequence)) return;
      this.#list.insertBefore(option(item), there ?? null);
    });
  }

  #mark() {
    for (const element of this.#list.children) {
      const sequence = Number(element.dataset.sequence);
      element.tabIndex = sequence === this.#active?.record.sequence ? 0 : -1;
      const selected = sequence === this.#selected?.record.sequence;
      element.setAttribute("aria-selected", String(selected));
    }
  }

  /** Scroll the list, and never the page, to an item. */
  #scrollTo(item) {
    const element = this.#list.querySelector(`[data-sequence="${item?.record.sequence}"]`);
    if (!element) return;
    const away = element.offsetTop - this.#list.offsetTop;
    const spare = this.#list.clientHeight - element.offsetHeight;
    const { scrollTop } = this.#list;
    if (away < scrollTop || away > scrollTop + spare) this.#list.scrollTop = away - spare / 2;
  }

  #keyDown(event) {
    const index = this.#items.indexOf(this.#itemOf(document.activeElement));
    const last = this.#items.length - 1;
    const go = (to) => {
      this.#active = this.#items[Math.min(Math.max(to, 0), last)];
      this.#mark();
      this.focus();
    };
    const select = () => this.#select(this.#items[index]);
    const keys = {
      ArrowUp: () => go(index - 1),
      ArrowLeft: () => go(index - 1),
      ArrowDown: () => go(index + 1),
      ArrowRight: () => go(index + 1),
      Home: () => go(0),
      End: () => go(last),
      Enter: select,
      " ": select,
    };
    const act = keys[event.key];
    if (!act || index < 0) {
      this.#key(event);
      return;
    }
    event.preventDefault();
    act();
  }
}

function option(item) {
  const element = part("li", "timeline-event");
  element.setAttribute("role", "option");
  element.dataset.sequence = item.record.sequence;
  const time = part("span", "timeline-time", timeWords(item.at).slice(11, 23));
  const words = part("span", "timeline-words", wordsOf(item.record));
  words.dataset.tone = item.tone;
  element.append(time, " ", words);
  return element;
}

/** What is shown of the selected item (or null): elements, with a button for each handler. */
export function detailsOf(item, { onSelect, onFork, onWhatIf }) {
  if (item === null) {
    const hint = "Click an event, or choose one in the list, to see its details.";
    return [part("p", "timeline-hint", hint)];
  }
  const { record, at } = item;
  const facts = document.createElement("dl");
  facts.tabIndex = 0; // it scrolls, so the keyboard has to get there
  const rows = [["time", timeWords(at)], ["number", String(record.sequence)], ...fieldsOf(record)];
  for (const [name, text] of rows) facts.append(part("dt", "", name), part("dd", "", text));
  const acts = part("div", "timeline-acts");
  const offer = (text, handler) =>
    handler && acts.append(button(text, () => handler(record.sequence, record)));
  if (record.serial) {
    // What happens to the whole bench is no token's: there is none to look at.
    offer("State here", onSelect);
    offer("Fork here", onFork);
  }
  if (isPress(record)) offer("What if not…", onWhatIf);
  return [part("p", "timeline-kind", wordsOf(record)), facts, acts];
}
