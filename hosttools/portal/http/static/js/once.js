/* A form that is submitted once: the second click is told so and sends nothing. The server
   refuses a second submit by itself; this only spares people the way there. */

/** Let a form go once. What it says meanwhile is in `data-once`. */
export function submitOnce(form) {
  const button = form.querySelector("button[type=submit], button:not([type])");
  const name = button.textContent;
  const said = document.createElement("p");
  said.setAttribute("aria-live", "polite");
  said.className = "hint";
  button.parentElement.after(said);
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      said.textContent = "Submit only once: the first one is still under way, and goes on.";
      return;
    }
    sent = true;
    // Not `disabled`: a disabled button loses the focus, and can't say why it does nothing.
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.dataset.once;
    said.textContent = "Stay on this page.";
  });
  // A page that comes out of the browser's memory can be used again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = false;
    button.removeAttribute("aria-disabled");
    button.textContent = name;
    said.textContent = "";
  });
}
