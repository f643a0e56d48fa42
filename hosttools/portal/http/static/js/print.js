/* Buttons that print the page. */

/** Show a button that prints. */
export function printing(button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
