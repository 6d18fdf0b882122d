// A form made of a JSON Schema. Members that the schema does not know keep their values; numbers keep their text.

import { NoValue, controlOf, readJson } from "./controls.js";
import { button, el, fill } from "./dom.js";
import { memberAdder, readAll, rowOf } from "./form_rows.js";
import { escaped, isObject, partsOf, write } from "./json.js";
import { listField } from "./list_field.js";
import { firstValue, takesNull } from "./schema.js";
import { shapeField, shapesOf } from "./shape_field.js";

const DEEPEST = 5;
const MOST_FIELDS = 100;

/**
 * A form for a value of the schema: `node` to show, `read()` for the value (throws NoValue with all that is wrong), and
 * `showErrors(violations)`, which puts each message at the field that its pointer leads to and returns those that have none.
 * The member `first` stands before all others; where it `isFixed`, it is not changed.
 *
 * A field is `{ node, control, read(), child(name) }`: `control` is the element of a single value; `child` is the row of a member
 * or an item, `{ node, field, wrong(message) }`.
 */
export class SchemaForm {
  constructor({ schema, schemas, value, first = "", isFixed = false }) {
    Object.assign(this, { schemas, first, isFixed, rows: [] });
    this.root = this.field(schema, value, 0);
    this.node = el("div", { class: "schema-form" }, this.root.node);
  }

  read() {
    return this.root.read();
  }

  showErrors(violations) {
    for (const message of this.node.querySelectorAll("p.wrong")) message.textContent = "";
    for (const control of this.node.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
    const homeless = violations.filter((one) => !this.place(one));
    this.node.querySelector("[aria-invalid]")?.focus();
    return homeless;
  }

  /** Puts the message at the innermost field on the way; whether there is one is returned. */
  place({ pointer, message }) {
    const parts = partsOf(pointer);
    let [field, row] = [this.root, null];
    while (parts.length) {
      const next = field.child?.(parts[0]);
      if (!next) break;
      parts.shift();
      [row, field] = [next, next.field];
    }
    row?.wrong(parts.length ? `/${parts.map(escaped).join("/")}: ${message}` : message);
    return row !== null;
  }

  /** The field of a value; `isInner` where a choice of shapes has it. */
  field(raw, value, depth, isInner = false) {
    const schema = this.schemas.resolved(raw);
    const shapes = isInner || depth > DEEPEST ? [] : shapesOf(schema, this.schemas);
    if (shapes.length) return shapeField(this, shapes, value, depth);
    if (isObject(value) && depth <= DEEPEST && Object.keys(value).length <= MOST_FIELDS && (hasMembers(schema) || depth === 0))
      return this.members(schema, value, depth);
    if (Array.isArray(value) && depth <= DEEPEST && value.length <= MOST_FIELDS && isObject(schema.items)) return listField(this, schema, value, depth);
    return this.single(schema, value);
  }

  /** A group of fields, one a member; members that are not there can be added, those that are not required be removed. */
  members(schema, value, depth) {
    const known = schema.properties ?? {};
    const others = isObject(schema.additionalProperties) ? schema.additionalProperties : {};
    const schemaOf = (name) => this.schemas.resolved(Object.hasOwn(known, name) ? known[name] : others);
    const required = new Set(schema.required ?? []);
    const present = new Map();
    const [rows, absent] = [el("div", { class: "members" }), el("p", { class: "absent" })];
    const add = (name, item, isNew) => {
      const field = this.field(schemaOf(name), item, depth + 1);
      const isFixed = this.isFixed && depth === 0 && name === this.first;
      const remove = () => {
        present.delete(name);
        row.node.remove();
        offer();
        absent.querySelector("button")?.focus();
      };
      const row = rowOf({ name, schema: schemaOf(name), field, isFixed, isRequired: required.has(name), remove });
      present.set(name, row);
      rows.append(row.node);
      if (isNew) row.node.querySelector("input, select, textarea")?.focus();
    };
    const offer = () => {
      const names = Object.keys(known).filter((name) => !present.has(name));
      const offered = (name) => button(name, () => {
        add(name, firstValue(schemaOf(name), this.schemas), true);
        offer();
      }, { class: "small", icon: "more", "aria-label": `Add ${name}` });
      fill(absent, names.map(offered));
    };
    const order = [...Object.keys(known).filter((name) => Object.hasOwn(value, name)), ...Object.keys(value).filter((name) => !Object.hasOwn(known, name))];
    order.sort((one, other) => depth === 0 ? (other === this.first) - (one === this.first) : 0);
    order.forEach((name) => add(name, value[name], false));
    offer();
    const takesOthers = isObject(schema.additionalProperties) || (!schema.properties && schema.additionalProperties !== false);
    const enter = (name) => (present.has(name) ? present.get(name).node.querySelector("input, select, textarea")?.focus() : add(name, firstValue(schemaOf(name), this.schemas), true));
    return {
      node: el("div", { class: "group" }, rows, absent, takesOthers && (depth > 0 || isObject(schema.additionalProperties)) ? memberAdder(enter) : null),
      child: (name) => present.get(name),
      read: () => Object.fromEntries(readAll([...present])),
    };
  }

  /** A single value; one that may be null has a check for it. */
  single(schema, value) {
    const made = controlOf(schema, value);
    if (!takesNull(schema) || made.isJson) return made;
    const none = el("input", { type: "checkbox", checked: value === null });
    const show = () => (made.control.disabled = none.checked);
    none.addEventListener("change", show);
    show();
    return {
      ...made,
      node: el("div", { class: "nullable" }, made.node, el("label", { class: "check" }, none, "null")),
      read: () => (none.checked ? null : made.read()),
    };
  }
}

function hasMembers(schema) {
  return schema.properties !== undefined || isObject(schema.additionalProperties);
}

/** A value as a form and as JSON, one at a time, with a switch between them: `node`, `read()`, `showErrors(violations)`. */
export class ValueEditor {
  constructor({ schema, schemas, value, first = "", isFixed = false, label = "The value as JSON" }) {
    this.options = { schema, schemas, first, isFixed };
    this.label = label;
    this.place = el("div");
    this.told = el("ul", { class: "wrong", role: "alert" });
    this.switch = button("Edit as JSON", () => this.turn(), { class: "small" });
    this.node = el("div", { class: "editor" }, this.told, this.place, el("p", {}, this.switch));
    this.asForm(value);
  }

  asForm(value) {
    this.area = null;
    this.form = new SchemaForm({ ...this.options, value });
    fill(this.place, this.form.node);
    this.switch.textContent = "Edit as JSON";
  }

  asJson(value) {
    const shown = write(value, 2);
    this.form = null;
    this.area = el("textarea", {
      class: "code",
      rows: Math.min(shown.split("\n").length + 2, 24),
      value: shown,
      "aria-label": this.label,
      spellcheck: "false",
    });
    fill(this.place, this.area);
    this.switch.textContent = "Edit in fields";
  }

  turn() {
    fill(this.told);
    try {
      const value = this.read();
      if (this.form) this.asJson(value);
      else if (isObject(value)) this.asForm(value);
      else throw new NoValue("fields are there for an object alone");
    } catch (error) {
      this.showErrors(error.violations ?? [{ pointer: "", message: error.message }]);
    }
  }

  read() {
    return this.form ? this.form.read() : readJson(this.area.value);
  }

  showErrors(violations) {
    const homeless = this.form ? this.form.showErrors(violations) : violations;
    fill(
      this.told,
      homeless.map(({ pointer, message }) => el("li", {}, pointer ? el("code", {}, pointer) : null, " ", message)),
    );
  }
}
