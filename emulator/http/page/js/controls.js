/* What happens to a token besides presses: its environment, its faults, its counter. */

import { get, patch, post, put, remove, tokenPath } from "./api.js";
import { careful, el, field, say } from "./dom.js";

/** Common faults, spelt as the documentation spells them; a person changes them at will. */
const FAULTS = [
  ["Power fails in the middle of a commit", "{press = 1, tear = {byte = 13}}"],
  ["Reset", "{after_s = 0, reset = {}}"],
  ["Battery slips out for 2 s", "{after_s = 0, battery_out = {for_s = 2}}"],
  ["Battery at 5 %", "{after_s = 0, battery_level = {percent = 5}}"],
  ["Supply browns out at presses", "{after_s = 0, brown_out = {}}"],
  ["Worn button counts twice", "{after_s = 0, chatter = {}}"],
  ["Contact bounces long", '{after_s = 0, bounce = {pattern = "long"}}'],
  ["Key jams for 60 s", "{after_s = 0, jam = {for_s = 60}}"],
  ["Segment dies: the 8 reads as 6", '{after_s = 0, dead_segment = {digit = 0, segment = "b"}}'],
  ["Segment sticks", '{after_s = 0, stuck_segment = {digit = 0, segment = "g"}}'],
  ["Clock jumps 2 min ahead", "{after_s = 0, clock_offset = {seconds = 120}}"],
  ["Crystal runs 12 ppm fast", "{after_s = 0, crystal = {ppm = 12}}"],
  ["Bit of the counter flips", "{after_s = 0, bit_rot = {byte = 192, mask = 1}}"],
  ["Case is opened", "{after_s = 0, case_opened = {}}"],
  ["Mend everything", "{after_s = 0, mend = {}}"],
];
/** The range of the slider, °C; the bench takes more. A car in winter, a dashboard in summer. */
const SLIDER = { min: -30, max: 70, step: 1 };
const OF_ENVIRONMENT = new Set([
  "placed", "ambient", "battery_out", "battery_in", "drain", "exhausted", "harm", "retune",
]);
const OF_FAULTS = new Set(["fired", "note"]);

export class Controls {
  #card;
  #scene;
  #environment;
  #faults;
  #more;

  /** @param card: whose; @param scene: as of the card. */
  constructor(card, scene) {
    this.#card = card;
    this.#scene = scene;
    this.#environment = this.#buildEnvironment();
    this.#faults = this.#buildFaults();
    this.#more = this.#buildMore();
    this.elements = [this.#environment.root, this.#faults.root, this.#more.root];
  }

  show(token) {
    this.#more.counter.hidden = token.type !== "event";
  }

  record({ kind }) {
    if (OF_ENVIRONMENT.has(kind)) this.#environment.look();
    if (OF_FAULTS.has(kind)) this.#faults.look();
  }

  #buildEnvironment() {
    const warmth = el("output", {});
    const slider = el("input", { type: "range", ...SLIDER });
    const told = el("p", { class: "told" });
    const level = el("input", { type: "number", min: 0, max: 100, value: 100, class: "short" });
    const inside = el("button", { type: "button" }, "Pull the battery");
    let present = true;

    const look = quietly(async () => {
      const seen = await get(tokenPath(this.#card.serial, "environment"));
      present = seen.battery.present;
      slider.value = seen.temperature_c;
      show();
      say(inside, present ? "Pull the battery" : "Put a battery in");
      say(told, present
        ? `Battery ${seen.battery.percent} %, ${(seen.battery.millivolts / 1000).toFixed(2)} V`
        : "Battery out");
    });
    const show = () => {
      say(warmth, `${slider.value} °C`);
      slider.setAttribute("aria-valuetext", `${slider.value} degrees Celsius`);
    };
    const change = async (body) => {
      await this.#card.send(patch, "environment", body);
      await panel.look();
    };
    slider.addEventListener("input", show);
    slider.addEventListener("change", () => change({ temperature_c: Number(slider.value) }));
    inside.addEventListener("click", () => change({ battery: { present: !present } }));
    const set = () => change({ battery: { percent: Number(level.value) } });
    const panel = section("Environment", look,
      el("div", { class: "row" }, field("Temperature", slider), warmth),
      el("div", { class: "row" }, told, inside),
      form(set, field("Battery level", level, "%"), submit("Set")));
    return panel;
  }

  #buildFaults() {
    const list = el("ul", { class: "list" });
    const text = el("input", { type: "text", class: "code", spellcheck: "false",
                               autocomplete: "off", required: true, maxlength: 2000 });
    const choice = el("select", {}, el("option", { value: "" }, "Choose…"),
      ...FAULTS.map(([name, spelt]) => el("option", { value: spelt }, name)));
    choice.addEventListener("change", () => {
      if (choice.value) text.value = choice.value;
    });
    const show = ({ faults }) => {
      list.replaceChildren(...faults.map((fault) => el("li", {}, fault)));
      if (!faults.length) list.append(el("li", { class: "muted" }, "None armed"));
    };
    const look = quietly(async () => show(await get(tokenPath(this.#card.serial, "faults"))));
    const inject = async () => {
      if (await this.#card.send(post, "faults", { fault: text.value })) await panel.look();
    };
    const clear = careful(async () => {
      await remove(tokenPath(this.#card.serial, "faults"));
      await panel.look();
    });
    const panel = section("Faults", look,
      form(inject, field("Fault", choice), field("As text", text), submit("Arm")),
      list,
      el("button", { type: "button", onclick: clear }, "Clear all"));
    return panel;
  }

  #buildMore() {
    const next = el("input", { type: "number", min: 0, value: 0, required: true,
                               class: "short" });
    const counter = form(
      () => this.#card.send(put, "counter", { next: Number(next.value) }),
      field("Next counter", next), submit("Set"));
    const fork = careful(async () => {
      const { serial } = await post(tokenPath(this.#card.serial, "fork"), {});
      this.#scene.open(serial);
    });
    const ports = el("ul", { class: "list" });
    const look = async () => {
      const given = this.#card.token?.ports ?? [];
      ports.replaceChildren(...given.map(({ kind, address }) =>
        el("li", {}, `${kind} `, el("code", {}, address))));
    };
    const panel = section("More", look, counter,
      el("button", { type: "button", onclick: fork }, "Fork: a copy beside it"), ports);
    return { ...panel, counter };
  }
}

/** A part of the card that opens; `look` loads it, while it is open only. */
export function section(title, look, ...children) {
  const root = el("details", { class: "panel" },
    el("summary", {}, title), el("div", { class: "panel-body" }, ...children));
  const seen = async () => {
    if (root.open) await look();
  };
  root.addEventListener("toggle", seen);
  return { root, look: seen };
}

/** A form that does something and stays. */
export function form(action, ...children) {
  return el("form", {
    class: "row",
    onsubmit: (event) => {
      event.preventDefault();
      action();
    },
  }, ...children);
}

export function submit(text) {
  return el("button", { type: "submit" }, text);
}

/** A look that nobody asked for fails in silence: the connection's state tells of it. */
function quietly(look) {
  return async () => {
    try {
      await look();
    } catch {
      // The next record, or opening the section again, looks again.
    }
  };
}
