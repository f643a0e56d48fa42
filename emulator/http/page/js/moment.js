/* A token as it was at one event, and what would have been without one press.

   Only looks: the present is not touched, and goes on in its card. */

import { get, post, tokenPath } from "./api.js";
import { spelt } from "./benchclock.js";
import { careful, complain, el, svg } from "./dom.js";
import { Lcd } from "./lcd.js";

/** Presses kept for finding the edge that a later record belongs to. */
const KEPT_EDGES = 20_000;

export class Moment {
  #root;
  #open;
  #edges = [];

  /**
   * @param element: where it goes.
   * @param on.open(serial): put a token on the page.
   */
  constructor(element, { open }) {
    this.#root = element;
    this.#open = open;
    this.close();
  }

  /** Remember where presses begin. */
  add(records) {
    for (const { kind, closed, serial, sequence } of records) {
      if (kind === "edge" && closed) this.#edges.push({ serial, sequence });
    }
    if (this.#edges.length > KEPT_EDGES) this.#edges.splice(0, this.#edges.length - KEPT_EDGES);
  }

  reset() {
    this.#edges = [];
    this.close();
  }

  close() {
    this.#root.hidden = true;
    this.#root.replaceChildren();
  }

  /** Show a token's state right after a record. */
  see = careful(async (sequence, { serial }) => {
    if (!serial) return complain("This happened to the whole bench; select an event of a token");
    const past = await get(tokenPath(serial, "state"), { at: sequence });
    const glass = svg("svg", { class: "past-lcd" });
    new Lcd(glass).draw(past.display);
    const { next, step } = past.counter;
    this.#show(`${serial} after event ${sequence}`,
      glass,
      facts([
        ["Bench time", spelt(past.at_ns)],
        next === null ? ["Step", step ?? "–"] : ["Next counter", next],
        ["Firmware", past.mode],
        ["Digest", el("code", { title: past.digest }, past.digest.slice(0, 12))],
      ]),
      this.#button("Fork here", () => this.fork(sequence, { serial })));
    return past;
  });

  /** Put a copy on the bench that branches off at a record. */
  fork = careful(async (sequence, { serial }) => {
    if (!serial) return complain("Select an event of a token to fork it there");
    const made = await post(tokenPath(serial, "fork"), { at: sequence });
    this.#open(made.serial);
    return made;
  });

  /** Compare the present with one in which a press was left out. */
  whatIf = careful(async (sequence, { serial }) => {
    const press = this.#edges.findLast(
      (edge) => edge.serial === serial && edge.sequence <= sequence);
    if (!press) return complain("No press is known before this event; select a press");
    const found = await post(tokenPath(serial, "what-if"), { drop: press.sequence });
    const { actual, other } = found;
    const same = found.diverge_ns === null;
    this.#show(`${serial} without the press of event ${press.sequence}`,
      el("p", {}, same
        ? "Nothing would be otherwise."
        : `It would be otherwise from ${spelt(found.diverge_ns)} on.`),
      el("table", {},
        el("thead", {}, row("th", "col", "", "As it was", "Without it")),
        el("tbody", {},
          row("td", "row", "Next counter", actual.next_counter ?? "–", other.next_counter ?? "–"),
          row("td", "row", "Codes shown", actual.lit.length, other.lit.length),
          row("td", "row", "Presses refused", actual.refused.length, other.refused.length),
          row("td", "row", "Digest", actual.digest.slice(0, 12), other.digest.slice(0, 12)))));
    return found;
  });

  #show(title, ...children) {
    this.#root.replaceChildren(
      el("h2", {}, title),
      el("div", { class: "moment-body" }, ...children),
      el("button", { type: "button", class: "icon", "aria-label": "Close",
                     onclick: () => this.close() }, "×"));
    this.#root.hidden = false;
  }

  #button(text, action) {
    return el("button", { type: "button", onclick: action }, text);
  }
}

function facts(pairs) {
  return el("dl", { class: "facts" },
    ...pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** A row of a table whose first cell heads it. */
function row(tag, scope, head, ...cells) {
  const first = head ? el("th", { scope }, head) : el("td", {});
  return el("tr", {}, first,
    ...cells.map((cell) => el(tag, tag === "th" ? { scope } : {}, String(cell))));
}
