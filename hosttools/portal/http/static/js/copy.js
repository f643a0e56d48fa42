/* Buttons that copy what stands beside them. */

/** Show a button that copies its `data-copy`, where the browser allows it. */
export function copyable(button) {
  if (!navigator.clipboard) return;
  const name = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    setTimeout(() => {
      button.textContent = name;
    }, 2000);
  });
}
