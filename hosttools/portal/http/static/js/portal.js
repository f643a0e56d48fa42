/* What makes the pages handier. All of them work without it. */

import { choosable } from "./theme.js";
import { submitOnce } from "./once.js";
import { copyable } from "./copy.js";
import { keepFresh } from "./fresh.js";
import { printing } from "./print.js";

const theme = document.getElementById("theme");
theme.hidden = false;
choosable(theme);

for (const form of document.querySelectorAll("form[data-once]")) submitOnce(form);
for (const button of document.querySelectorAll("button[data-copy]")) copyable(button);
for (const part of document.querySelectorAll("[data-fresh]")) keepFresh(part);
for (const button of document.querySelectorAll("button[data-print]")) printing(button);

// Browsers differ in where `autofocus` is minded: what went wrong is read first in all of them.
document.getElementById("problem")?.focus();
