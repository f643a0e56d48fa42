/* Snapshots of the whole bench: save, list, restore, delete.

   A passphrase is in its field until it has been used once, and nowhere else. */

import { get, post, remove } from "./api.js";
import { form, submit } from "./controls.js";
import { careful, el, field, freshId, say } from "./dom.js";

/** As of the API, which says where that is from. */
const MIN_PASSPHRASE = 8;

export class Snapshots {
  #list = el("ul", { class: "list snapshots" });
  #told = el("output", { class: "muted" });
  #passphrase;
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
    const hint = el("p", { class: "hint", id: freshId("hint") },
      "With one, the secrets are saved too, encrypted; without, they are left out.");
    this.#passphrase = el("input", { type: "password", minlength: MIN_PASSPHRASE, maxlength: 1024,
                                     autocomplete: "off", "aria-describedby": hint.id });
    const save = careful(async () => {
      const info = await post("snapshots", { name: name.value, ...this.#withPassphrase() });
      name.value = this.#passphrase.value = "";
      say(this.#told, `${info.name} saved, secrets ${secretsOf(info)}`);
      await this.refresh();
    });
    element.replaceChildren(
      form(save, field("Name", name), field("Passphrase", this.#passphrase), hint,
        submit("Save")),
      this.#told, this.#list);
  }

  refresh = careful(async () => {
    const { snapshots } = await get("snapshots");
    this.#list.replaceChildren(...snapshots.map((snapshot) => this.#row(snapshot)));
    if (!snapshots.length) this.#list.append(el("li", { class: "muted" }, "None saved"));
  });

  #withPassphrase() {
    return this.#passphrase.value ? { passphrase: this.#passphrase.value } : {};
  }

  #row(info) {
    const { name } = info;
    const path = `snapshots/${encodeURIComponent(name)}`;
    const restore = careful(async () => {
      // One that is in the field for the next save must not fail a file that has no secrets.
      const body = info.secrets === "passphrase" ? this.#withPassphrase() : {};
      const { rekeyed } = await post(`${path}/restore`, body);
      this.#passphrase.value = "";
      say(this.#told, rekeyed.length
        ? `${name} restored; with a new secret: ${rekeyed.join(", ")}` : `${name} restored`);
      this.#restored();
    });
    const drop = careful(async () => {
      await remove(path);
      await this.refresh();
    });
    return el("li", {},
      el("code", {}, name),
      el("span", { class: "muted" }, `secrets ${secretsOf(info)}`),
      el("button", { type: "button", "aria-label": `Restore ${name}`, onclick: restore },
        "Restore"),
      el("button", { type: "button", class: "icon", "aria-label": `Delete ${name}`,
                     onclick: drop }, "×"));
  }
}

/** What became of the secrets; encrypted, it is told with what. */
function secretsOf({ secrets }) {
  return secrets === "left out" ? secrets : `under a ${secrets}`;
}
