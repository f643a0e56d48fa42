/* The server under test, beside the token: recipes that bring the two apart, and the form
   that brings them together again. Where no server is attached, how to attach one. */

import { address, get, post, tokenPath } from "./api.js";
import { form, section, submit } from "./controls.js";
import { complain, el, field, say } from "./dom.js";

/** One answer for all tokens of a type: recipes don't change while a bench runs. */
const recipesOf = new Map();

function recipes(type) {
  if (!recipesOf.has(type)) {
    recipesOf.set(type, get("recipes", { type }).catch((problem) => {
      recipesOf.delete(type);
      throw problem;
    }));
  }
  return recipesOf.get(type);
}

export class ServerSide {
  elements = [];
  #card;
  #recipes = null;
  #server = null;
  #shown = false;

  /** @param card: whose; @param scene: as of the card. */
  constructor(card, { capabilities }) {
    this.#card = card;
    if (capabilities.recipes) {
      this.#recipes = this.#buildRecipes();
      this.elements.push(this.#recipes.root);
    }
    this.#server = capabilities.server ? this.#buildServer() : this.#buildHint();
    this.elements.push(this.#server.root);
  }

  show(token) {
    this.#server.show(token);
    if (this.#shown) return;
    this.#shown = true;
    this.#recipes?.look(); // the section may have been opened before the token was known
  }

  record(record) {
    if (record.kind === "submitted") this.#server.submitted(record);
  }

  #buildRecipes() {
    const list = el("div", { class: "recipes" });
    const told = el("ol", { class: "history", "aria-live": "polite" });
    let filled = false;
    const play = async (recipe, number, button) => {
      button.disabled = true;
      told.replaceChildren(el("li", {}, `${recipe.title} …`));
      const by = number === null ? null : Number(number.value);
      const reached = await this.#card.send(post, `recipes/${recipe.name}`, { by });
      button.disabled = false;
      told.replaceChildren(...(reached?.history ?? []).map((line) => el("li", {}, line)));
    };
    const look = async () => {
      const { token } = this.#card;
      if (filled || !token) return;
      try {
        const given = await recipes(token.type);
        list.replaceChildren(...given.recipes.map((recipe) => row(recipe, play)));
        filled = true;
      } catch (problem) {
        complain(problem);
      }
    };
    return section("Recipes", look, list, told);
  }

  /** Without an attached server: what another one told of the token, and how to attach one. */
  #buildHint() {
    const facts = el("p", { class: "told" });
    const { verdict, submitted } = lastVerdict();
    const path = address(tokenPath(this.#card.serial, "server"));
    const panel = section("Server", async () => {}, facts, verdict,
      el("p", { class: "hint" }, "No server is attached to submit codes to. Start the bench with ",
        el("code", {}, "galh serve --server reference"), " for the built-in one. A server of",
        " your own is seen on the gauge once it is told: ", el("code", {}, `PUT ${path}`), "."));
    return { ...panel, show: showFacts(facts), submitted };
  }

  #buildServer() {
    const first = code("Code 1");
    const second = code("Code 2");
    second.input.required = false;
    const { verdict, submitted } = lastVerdict();
    const resync = el("input", { type: "checkbox" });
    const facts = el("p", { class: "told" });
    const send = async () => {
      const codes = [first.input.value, second.input.value].map((text) => text.trim());
      let verb = "verify";
      if (codes[1]) verb = resync.checked ? "resync" : "sync";
      const answer = await this.#card.send(post, "submissions", {
        verb, codes: codes.filter(Boolean),
      });
      if (!answer) return;
      verdict.dataset.accepted = String(answer.accepted);
      say(verdict, `${answer.accepted ? "Accepted" : "Refused"}: ${answer.message || answer.kind}`);
      if (answer.accepted) first.input.value = second.input.value = "";
    };
    const take = () => {
      const { display } = this.#card.token ?? { display: { lit: false } };
      const empty = first.input.value ? second.input : first.input;
      if (display.lit) empty.value = display.text.trim();
      else complain("The display is dark; press the button first");
    };
    const panel = section("Server", async () => {}, facts,
      form(send, first.field, second.field,
        el("span", { class: "field" }, resync,
          el("label", { for: (resync.id = `${first.input.id}-resync`) }, "two codes resync")),
        el("button", { type: "button", onclick: take }, "Take from display"),
        submit("Submit")),
      verdict);
    return { ...panel, show: showFacts(facts), submitted };
  }
}

/** What a server said last, whoever handed it the codes. */
function lastVerdict() {
  const verdict = el("output", { class: "verdict" });
  const submitted = ({ server, verb, accepted, reason }) => {
    verdict.dataset.accepted = String(accepted);
    say(verdict, `${server}: ${verb} ${accepted ? "accepted" : "refused"}${
      reason ? ` (${reason})` : ""}`);
  };
  return { verdict, submitted };
}

function showFacts(element) {
  return ({ server }) => say(element, server ? factsOf(server) : "No server knows this token");
}

/** One recipe: its button and its number, "pocket: 37 presses". */
function row(recipe, play) {
  const [stem] = recipe.title.split(":"); // what follows is the number, which can be changed
  const number = recipe.unit === null ? null : el("input", {
    type: "number", class: "short", value: recipe.default, min: recipe.low, max: recipe.high,
    step: "any", "aria-label": `${recipe.unit} of ${recipe.name}`,
  });
  const button = el("button", { type: "submit", title: recipe.name }, stem);
  const name = () => button.setAttribute("aria-label",
    number ? `${stem}: ${number.value} ${recipe.unit}` : recipe.title);
  number?.addEventListener("input", name);
  name();
  const made = form(() => play(recipe, number, button), button, number,
    number && el("span", { class: "unit" }, recipe.unit),
    el("code", {}, recipe.name));
  made.classList.add("recipe");
  return made;
}

function code(label) {
  const input = el("input", { type: "text", inputmode: "numeric", autocomplete: "off",
                              pattern: "\\s*[0-9]{4,10}\\s*", required: true, class: "digits",
                              title: "The digits on the display" });
  return { input, field: field(label, input) };
}

function factsOf({ name, next_counter: next, step_offset: offset, locked, ...windows }) {
  const at = next === null ? `${offset ?? 0} steps learnt` : `expects counter ${next}`;
  return `${name}: ${at}; look-ahead ${windows.look_ahead}, resync ${windows.resync_window}${
    locked ? "; locked" : ""}`;
}
