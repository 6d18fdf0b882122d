// The field of a list: a line for each single value, a group for each other one.

import { button, el, fill } from "./dom.js";
import { readAll, rowOf } from "./form_rows.js";
import { firstValue } from "./schema.js";

/** The field of a list in this form. */
export function listField(form, schema, value, depth) {
  const items = form.schemas.resolved(schema.items);
  const rows = [];
  const list = el("ol", { class: "items" });
  const count = () => rows.forEach((row, at) => row.number(at));

  function add(item, isNew) {
    const field = form.field(items, item, depth + 1);
    const remove = () => {
      rows.splice(rows.indexOf(row), 1);
      row.node.remove();
      count();
      more.focus();
    };
    const row = field.control ? lineOf(field, remove) : groupOf(field, items, remove);
    rows.push(row);
    list.append(row.node);
    count();
    if (isNew) row.node.querySelector("input, select, textarea")?.focus();
  }

  const more = button("Add an item", () => add(firstValue(items, form.schemas), true), { class: "small", icon: "more" });
  value.forEach((item) => add(item, false));
  return {
    node: el("div", {}, list, more),
    child: (number) => rows[Number(number)],
    read: () => readAll(rows.map((row, at) => [at, row])).map(([, item]) => item),
  };
}

function lineOf(field, remove) {
  const message = el("p", { class: "wrong", role: "alert" });
  const node = el("li", {}, field.node, button("", remove, { class: "quiet", icon: "close", "aria-label": "Remove this item" }), message);
  return {
    field, node,
    number: (at) => field.control.setAttribute("aria-label", `Item ${at + 1}`),
    wrong: (text) => {
      message.textContent = [message.textContent, text].filter(Boolean).join("; ");
      field.control.setAttribute("aria-invalid", "true");
    },
  };
}

function groupOf(field, schema, remove) {
  const name = el("span", {});
  const row = rowOf({ name, schema, field, remove, says: "Remove this item" });
  return { ...row, node: el("li", {}, row.node), number: (at) => fill(name, `Item ${at + 1}`) };
}
