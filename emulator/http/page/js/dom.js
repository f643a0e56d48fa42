/* Elements without a framework, and without innerHTML: what comes from the bench is text,
   never markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element. `on…` attributes are listeners; `true` is an empty attribute;
 * `null`, `undefined` and `false` leave one out. */
export function el(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** Make an SVG element, in the same way. */
export function svg(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set text only where it changed: a screen reader speaks what is written anew. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let last = 0;

/** An id that no other element has. */
export function freshId(stem) {
  last += 1;
  return `${stem}-${last}`;
}

/** A labelled field: the label in front of the input. */
export function field(text, input, unit = null) {
  input.id ||= freshId("field");
  return el(
    "span",
    { class: "field" },
    el("label", { for: input.id }, text),
    input,
    unit === null ? null : el("span", { class: "unit" }, unit),
  );
}

const TOAST_MS = 8000;
const MAX_TOASTS = 4;

/** Say in plain words, at once and for some seconds, that something went wrong. */
export function complain(problem) {
  const place = document.getElementById("toasts");
  const text = problem instanceof Error ? problem.message : String(problem);
  for (const toast of [...place.children]) {
    if (toast.dataset.text === text) toast.remove();
  }
  const toast = el(
    "div",
    { class: "toast", role: "alert", "data-text": text },
    el("p", {}, text),
    el("button", { type: "button", class: "icon", "aria-label": "Dismiss",
                   onclick: () => toast.remove() }, "×"),
  );
  place.append(toast);
  while (place.children.length > MAX_TOASTS) place.firstElementChild.remove();
  setTimeout(() => toast.remove(), TOAST_MS);
}

/** Wrap a listener, so that what it throws or rejects with is told to the person. */
export function careful(action) {
  return async (...args) => {
    try {
      return await action(...args);
    } catch (problem) {
      if (problem?.name !== "AbortError") complain(problem);
      return undefined;
    }
  };
}
