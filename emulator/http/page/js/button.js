/* The white button under a finger, a pen, a mouse or a key.

   Key down and key up are two events here, as they are on the fob: holding is simply not
   letting go yet. Whatever takes the hand away (pointer lost, page hidden, focus gone) lets
   the key up, so that no token is left with its button held by nobody. */

const KEYS = new Set([" ", "Enter"]);
/** Shortest press: a finger's takes 100 ms, a tap on a touch pad or a screen reader's click
 * none at all, which no debounce would take for a press. */
const LEAST_MS = 100;

/**
 * @param button: a `<button>`.
 * @param on.down(): the key goes down.
 * @param on.up(heldMs): it comes up, after so long.
 */
export function feel(button, on) {
  let pointer = null;
  let key = null;
  let since = null;
  let later = null;

  function down() {
    if (since !== null) return;
    if (later !== null) rise(); // pressed again before the last one was long enough
    since = performance.now();
    button.classList.add("down");
    on.down();
  }

  function up() {
    if (since === null) return;
    const heldMs = performance.now() - since;
    since = pointer = key = null;
    if (heldMs >= LEAST_MS) return rise(heldMs);
    later = setTimeout(rise, LEAST_MS - heldMs);
  }

  function rise(heldMs = LEAST_MS) {
    clearTimeout(later);
    later = null;
    button.classList.remove("down");
    on.up(Math.max(heldMs, LEAST_MS));
  }

  function leave() {
    up();
    if (later !== null) rise(); // there may be no later
  }

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || since !== null) return;
    pointer = event.pointerId;
    down();
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    button.addEventListener(name, (event) => {
      if (event.pointerId === pointer) up();
    });
  }
  button.addEventListener("keydown", (event) => {
    if (!KEYS.has(event.key) || event.repeat || event.ctrlKey || event.altKey || event.metaKey)
      return;
    event.preventDefault(); // no click, no scrolling
    if (since !== null) return;
    key = event.key;
    down();
  });
  button.addEventListener("keyup", (event) => {
    if (!KEYS.has(event.key)) return;
    event.preventDefault();
    if (event.key === key) up();
  });
  button.addEventListener("click", (event) => {
    // A mouse's click has come as pointer events already; `detail` counts its clicks.
    if (event.detail !== 0 || since !== null) return;
    down();
    up();
  });
  button.addEventListener("blur", up);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) leave();
  });
  addEventListener("pagehide", leave);
}
