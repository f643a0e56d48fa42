/* Find tokens by serial number among thousands: a page of the list at a time, never all. */

import { get } from "./api.js";
import { careful, el, say } from "./dom.js";

const PAGE = 25;
/** A person who types is not asked for at each key. */
const PAUSE_MS = 150;

export class Search {
  #parts;
  #chosen = new Set();
  #next = null;
  #asking = null;

  /**
   * @param element: where it goes.
   * @param on.open(serial): put it on the page.
   */
  constructor(element, { open }) {
    const input = el("input", { type: "search", id: "search-serial", autocomplete: "off",
                                placeholder: "GALH…", spellcheck: "false" });
    const list = el("ul", { class: "tokens" });
    const count = el("p", { class: "muted", role: "status" });
    const more = el("button", { type: "button", hidden: true }, "More");
    this.#parts = { input, list, count, more };
    this.open = open;
    let timer = null;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.refresh(), PAUSE_MS);
    });
    more.addEventListener("click", careful(() => this.#load(this.#next)));
    element.replaceChildren(
      el("label", { for: "search-serial" }, "Serial number"), input, count, list, more);
  }

  /** Say which serials are on the page, so that their rows show it. */
  set chosen(serials) {
    this.#chosen = new Set(serials);
    for (const row of this.#parts.list.querySelectorAll("button")) this.#mark(row);
  }

  refresh = careful(() => this.#load(null));

  async #load(after) {
    const { input, list, count, more } = this.#parts;
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const search = input.value.replace(/[\s-]/g, "").toUpperCase();
    const found = await get("tokens", { search, limit: PAGE, after }, { signal });
    if (signal.aborted) return;
    const rows = found.tokens.map(({ serial, type }) => this.#row(serial, type));
    if (after === null) list.replaceChildren(...rows);
    else list.append(...rows);
    this.#next = found.next;
    more.hidden = found.next === null;
    say(count, search ? `${found.matched} of ${found.total} tokens` : `${found.total} tokens`);
  }

  #row(serial, type) {
    const button = el("button", { type: "button", "data-serial": serial,
                                  onclick: () => this.open(serial) },
      el("code", {}, serial), el("span", { class: "muted" }, type));
    this.#mark(button);
    return el("li", {}, button);
  }

  #mark(button) {
    const shown = this.#chosen.has(button.dataset.serial);
    button.setAttribute("aria-pressed", String(shown));
  }
}
