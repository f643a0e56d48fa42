/* Snapshots of the whole bench: save, list, restore, delete. */

import { get, post, remove } from "./api.js";
import { form, submit } from "./controls.js";
import { careful, el, field } from "./dom.js";

export class Snapshots {
  #list = el("ul", { class: "list snapshots" });
  #restored;

  /**
   * @param element: where it goes.
   * @param on.restored(): the bench is another one now.
   */
  constructor(element, { restored }) {
    this.#restored = restored;
    const name = el("input", { type: "text", required: true, maxlength: 64, autocomplete: "off",
                               pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*", spellcheck: "false",
                               title: "Letters, digits, dots, dashes" });
    const save = careful(async () => {
      await post("snapshots", { name: name.value });
      name.value = "";
      await this.refresh();
    });
    element.replaceChildren(form(save, field("Name", name), submit("Save")), this.#list);
  }

  refresh = careful(async () => {
    const { snapshots } = await get("snapshots");
    this.#list.replaceChildren(...snapshots.map((snapshot) => this.#row(snapshot)));
    if (!snapshots.length) this.#list.append(el("li", { class: "muted" }, "None saved"));
  });

  #row({ name }) {
    const path = `snapshots/${encodeURIComponent(name)}`;
    const restore = careful(async () => {
      await post(`${path}/restore`);
      this.#restored();
    });
    const drop = careful(async () => {
      await remove(path);
      await this.refresh();
    });
    return el("li", {},
      el("code", {}, name),
      el("button", { type: "button", "aria-label": `Restore ${name}`, onclick: restore },
        "Restore"),
      el("button", { type: "button", class: "icon", "aria-label": `Delete ${name}`,
                     onclick: drop }, "×"));
  }
}
