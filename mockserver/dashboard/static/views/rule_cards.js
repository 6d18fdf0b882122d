// What the rules of a world have in common: a card each, with the lines that do the same, a form, and an end.

import { button, el, fill } from "../dom.js";
import { ValueEditor } from "../form.js";
import { write } from "../json.js";
import { Schemas } from "../schema.js";
import { attempt, confirmed, copy, dialog, toast } from "../talk.js";

/** Shows a card for each rule. Cards that stay as they were are the same elements, so that the focus stays. */
export function showCards(area, rules, cardOf, empty) {
  const before = area.known ?? new Map();
  const known = new Map(rules.map((rule) => [write(rule), before.get(write(rule)) ?? cardOf(rule)]));
  const isSame = area.known && before.size === known.size && [...known.keys()].every((key, at) => key === [...before.keys()][at]);
  area.known = known;
  if (isSame) return;
  const [id, label] = [document.activeElement?.closest(".card")?.dataset.id, document.activeElement?.textContent];
  fill(area, known.size ? [...known.values()] : el("p", { class: "empty" }, empty));
  const again = id && area.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (again) [...again.querySelectorAll("button")].find((one) => one.textContent === label)?.focus();
  else if (id) (area.querySelector(".card button") ?? area.closest("section").querySelector("button:not([hidden])"))?.focus();
}

/** A card: `actions` are its buttons, `lines` the line of each kind that does the same. */
export function card({ id, title, tag, isUsed = false, facts = [], lines, actions = [] }) {
  const said = facts.filter(Boolean);
  return el("article", { class: "card", dataset: { id } },
    el("div", { class: "head" }, el("h3", {}, title), tag ? el("span", { class: `tag ${isUsed ? "good" : ""}` }, tag) : null, actions),
    said.length ? el("p", { class: "hint" }, said.join(" · ")) : null,
    Object.entries(lines).map(line));
}

function line([kind, text]) {
  return el("div", { class: "equal" }, el("span", { class: "faint" }, kind), el("pre", { tabindex: "0", role: "region", "aria-label": `As ${kind}` }, text),
    button("Copy", () => copy(text, `The line for ${kind}`), { class: "small", "aria-label": `Copy for ${kind}` }));
}

/** The buttons of a rule that is changed and deleted by itself. */
export function changes(edit, remove) {
  return [button("Change", () => attempt(edit), { class: "small" }), button("", () => attempt(remove), { class: "quiet", icon: "bin", "aria-label": "Delete" })];
}

/** A form for a rule, with errors at its fields. `send(value)` makes it; whether it did is returned. */
export async function edited({ document, schema, value, title, linesOf, send, done }) {
  const editor = new ValueEditor({ schema, schemas: new Schemas(document), value, label: "As JSON" });
  const save = async () => {
    try {
      return await send(editor.read());
    } catch (error) {
      if (!error.violations?.length) throw error;
      editor.showErrors(error.violations);
      throw new Error(error.violations.length === 1 ? "One value does not fit." : `${error.violations.length} values do not fit.`);
    }
  };
  const copied = (kind, what) => button(`Copy as ${kind}`, () => attempt(() => copy(linesOf(editor.read())[kind], what)), { class: "small" });
  const kept = await dialog({ title, wide: true, body: [editor.node, el("p", { class: "buttons" }, copied("curl", "The curl line"), copied("pytest", "The line for a test"))],
    actions: [{ label: "Save", kind: "primary", run: save }] });
  if (kept === undefined) return false;
  toast(done);
  return true;
}

/** Deletes, when the user says so; whether it did is returned. */
export async function deleted(client, where, said, question = "Delete it?") {
  if (!(await confirmed(question, "From the next request on it is as if it had never been.", "Delete"))) return false;
  await client.delete(where);
  toast(said);
  return true;
}
