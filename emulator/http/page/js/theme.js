/* Light, dark, or as the system has it: one button, remembered by this browser. */

const KEY = "galh-theme";
const THEMES = ["system", "light", "dark"];
const NAMES = { system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const SIGNS = { system: "◐", light: "☀", dark: "☾" };

/** Make a button go through the themes. */
export function choosable(button) {
  const show = (theme) => {
    const { dataset } = document.documentElement;
    if (theme === "system") delete dataset.theme;
    else dataset.theme = theme;
    button.setAttribute("aria-label", NAMES[theme]);
    button.title = NAMES[theme];
    button.textContent = SIGNS[theme];
  };
  let now = stored();
  show(now);
  button.addEventListener("click", () => {
    now = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    keep(now);
    show(now);
  });
}

// A browser that keeps nothing still shows the page.
function stored() {
  try {
    const theme = localStorage.getItem(KEY);
    return THEMES.includes(theme) ? theme : "system";
  } catch {
    return "system";
  }
}

function keep(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this visit only.
  }
}
