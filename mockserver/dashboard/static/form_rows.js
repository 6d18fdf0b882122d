// Rows of forms: a member or an item with its field, and a place for what is wrong with it.

import { NoValue } from "./controls.js";
import { button, el, newId } from "./dom.js";
import { escaped } from "./json.js";

/** The row of a member: its name, what is said of it, its field, and a place for what is wrong with it. */
export function rowOf({ name, schema, field, isRequired = false, isFixed = false, remove, says = `Remove ${name}` }) {
  const { control } = field;
  const hint = [schema.description, schema.format].filter(Boolean).join(" · ");
  const message = el("p", { class: "wrong", id: newId("wrong") });
  const told = hint ? el("p", { class: "hint", id: newId("hint") }, hint) : null;
  const away = isRequired || isFixed ? null : button("", remove, { class: "quiet", icon: "close", "aria-label": says });
  const wrong = (text) => {
    message.textContent = [message.textContent, text].filter(Boolean).join("; ");
    control?.setAttribute("aria-invalid", "true");
  };
  const mark = isRequired ? el("span", { class: "faint" }, " required") : null;
  if (!control) return { field, wrong, node: el("fieldset", {}, el("legend", {}, name, mark), away, told, field.node, message) };
  control.setAttribute("aria-describedby", [told?.id, message.id].filter(Boolean).join(" "));
  if (isFixed) control.setAttribute("readonly", "");
  control.id ||= newId("field");
  const node = el("div", { class: "member" }, el("div", { class: "line" }, el("label", { for: control.id }, name, mark), away), field.node, told, message);
  return { field, wrong, node };
}

/** Reads all rows, `[name, row]`. Throws one NoValue with all that is wrong. */
export function readAll(rows) {
  const wrong = [];
  const values = rows.map(([name, row]) => {
    try {
      return [name, row.field.read()];
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
      wrong.push(...error.violations.map(({ pointer, message }) => ({ pointer: `/${escaped(name)}${pointer}`, message })));
      return [name, undefined];
    }
  });
  if (wrong.length) throw new NoValue(wrong[0].message, wrong);
  return values;
}

/** A field for the name of a member more, as maps have them. */
export function memberAdder(enter) {
  const input = el("input", { type: "text", placeholder: "name of a member", "aria-label": "Name of a member", autocomplete: "off", spellcheck: "false" });
  const add = () => {
    if (!input.value) return input.focus();
    enter(input.value);
    input.value = "";
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  });
  return el("p", { class: "adder" }, input, button("Add a member", add, { class: "small", icon: "more" }));
}
