// A form made of a JSON Schema. Members that the schema does not know keep their values; numbers keep their text.

import { button, el, fill, newId } from "./dom.js";
import { NumberText, escaped, isObject, read, write } from "./json.js";
import { firstValue, takesNull, typesOf } from "./schema.js";

const DEEPEST = 3;
const LONG_TEXT = 60;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** An input that is no value; `pointer` says where. */
export class NoValue extends Error {
  constructor(pointer, message) {
    super(message);
    this.violations = [{ pointer, message }];
  }
}

/**
 * A form for a value of the schema: `node` to show, `read()` for the value (throws NoValue), and `showErrors(violations)`, which puts
 * each message at the field that its pointer leads to and returns those that have none.
 */
export class SchemaForm {
  constructor({ schema, schemas, value, fixed = [] }) {
    this.schemas = schemas;
    this.fixed = fixed;
    this.fields = new Map();
    this.root = this.field("", schema, value, 0);
    this.node = el("div", { class: "schema-form" }, this.root.node);
  }

  read() {
    return this.root.read();
  }

  showErrors(violations) {
    for (const field of this.fields.values()) field.wrong("");
    const homeless = violations.filter(({ pointer, message }) => {
      let at = pointer;
      while (at && !this.fields.has(at)) at = at.slice(0, at.lastIndexOf("/"));
      const field = at ? this.fields.get(at) : null;
      if (!field) return true;
      field.wrong(at === pointer ? message : `${pointer.slice(at.length)}: ${message}`);
      return false;
    });
    this.node.querySelector("[aria-invalid]")?.focus();
    return homeless;
  }

  field(pointer, raw, value, depth) {
    const schema = this.schemas.resolved(raw);
    if (isObject(value) && depth < DEEPEST && (schema.properties || depth === 0))
      return this.members(pointer, schema, value, depth);
    if (Array.isArray(value) && depth <= DEEPEST && isSimple(this.schemas.resolved(schema.items)))
      return this.list(pointer, schema, value);
    return this.simple(pointer, schema, value);
  }

  /** A group of fields, one a member; members that are not there can be added, those that are not required be removed. */
  members(pointer, schema, value, depth) {
    const known = schema.properties ?? {};
    const required = new Set(schema.required ?? []);
    const present = new Map();
    const rows = el("div", { class: "members" });
    const absent = el("p", { class: "absent" });
    const order = [
      ...Object.keys(known).filter((name) => Object.hasOwn(value, name)),
      ...Object.keys(value).filter((name) => !Object.hasOwn(known, name)),
    ];
    const add = (name, item, isNew) => {
      const at = `${pointer}/${escaped(name)}`;
      const field = this.field(at, known[name] ?? {}, item, depth + 1);
      const row = this.row({
        at,
        name,
        schema: this.schemas.resolved(known[name] ?? {}),
        field,
        required: required.has(name),
        remove: () => {
          present.delete(name);
          row.remove();
          this.forget(at);
          offer();
          absent.querySelector("button")?.focus();
        },
      });
      present.set(name, field);
      rows.append(row);
      if (isNew) row.querySelector("input, select, textarea")?.focus();
    };
    const offer = () => {
      const names = Object.keys(known).filter((name) => !present.has(name));
      fill(
        absent,
        names.map((name) =>
          button(
            name,
            () => {
              add(name, firstValue(this.schemas.resolved(known[name]), this.schemas), true);
              offer();
            },
            { class: "small", icon: "more", "aria-label": `Add ${name}` },
          ),
        ),
      );
    };
    order.forEach((name) => add(name, value[name], false));
    offer();
    return {
      node: el("div", { class: "group" }, rows, absent),
      isGroup: true,
      read: () => Object.fromEntries([...present].map(([name, field]) => [name, field.read()])),
    };
  }

  row({ at, name, schema, field, required, remove }) {
    const hint = [schema.description, schema.format].filter(Boolean).join(" · ");
    const message = el("p", { class: "wrong", id: newId("wrong") });
    const told = el("p", { class: "hint", id: newId("hint") }, hint);
    const isFixed = this.fixed.includes(at);
    const away =
      required || isFixed
        ? null
        : button("", remove, { class: "quiet", icon: "close", "aria-label": `Remove ${name}` });
    const control = field.control;
    this.fields.set(at, {
      wrong: (text) => {
        message.textContent = text;
        if (!control) return;
        if (text) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      },
    });
    if (!control) {
      const group = el(
        "fieldset",
        {},
        el("legend", {}, name, mark(required)),
        away,
        hint ? told : null,
        field.node,
        message,
      );
      return group;
    }
    control.setAttribute("aria-describedby", [hint ? told.id : "", message.id].join(" ").trim());
    if (isFixed) control.setAttribute("readonly", "");
    control.id ||= newId("field");
    return el(
      "div",
      { class: "member" },
      el("div", { class: "line" }, el("label", { for: control.id }, name, mark(required)), away),
      field.node,
      hint ? told : null,
      message,
    );
  }

  forget(pointer) {
    for (const known of [...this.fields.keys()]) {
      if (known === pointer || known.startsWith(`${pointer}/`)) this.fields.delete(known);
    }
  }

  /** A list of simple values, a line each. */
  list(pointer, schema, value) {
    const items = this.schemas.resolved(schema.items);
    const rows = el("ol", { class: "items" });
    let fields = [];
    const add = (item, isNew) => {
      const field = this.simple(`${pointer}/-`, items, item);
      const row = el(
        "li",
        {},
        field.node,
        button(
          "",
          () => {
            fields = fields.filter((one) => one !== field);
            row.remove();
          },
          { class: "quiet", icon: "close", "aria-label": "Remove this item" },
        ),
      );
      field.control.setAttribute("aria-label", `Item of ${pointer.slice(1)}`);
      fields.push(field);
      rows.append(row);
      if (isNew) field.control.focus();
    };
    value.forEach((item) => add(item, false));
    const more = button("Add an item", () => add(firstValue(items, this.schemas), true), {
      class: "small",
      icon: "more",
    });
    return { node: el("div", {}, rows, more), read: () => fields.map((field) => field.read()) };
  }

  simple(pointer, schema, value) {
    const made = control(schema, value, pointer);
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

function mark(required) {
  return required ? el("span", { class: "faint" }, " required") : null;
}

function isSimple(schema) {
  const types = typesOf(schema);
  return (
    (types.length === 1 && ["string", "integer", "number", "boolean"].includes(types[0])) || Array.isArray(schema.enum)
  );
}

/** The control of one value by its schema: a choice, a check, a number, a text, or JSON. */
function control(schema, value, pointer) {
  const types = typesOf(schema);
  const isNull = value === null;
  if (schema.enum?.length) return choice(schema.enum, value);
  if (
    (types.length === 1 && types[0] === "boolean" && (isNull || typeof value === "boolean")) ||
    (!types.length && typeof value === "boolean")
  )
    return check(value);
  const isNumber = typeof value === "number" || value instanceof NumberText;
  const numeric = types.length > 0 && types.every((type) => type === "integer" || type === "number");
  if ((numeric && (isNumber || isNull || value === "")) || (!types.length && isNumber)) return number(value, pointer);
  if (
    (types.includes("string") && types.length === 1 && (isNull || typeof value === "string")) ||
    (!types.length && typeof value === "string")
  )
    return text(schema, value);
  return json(value, pointer);
}

function choice(values, value) {
  const known = values.some((one) => write(one) === write(value)) ? values : [value, ...values];
  const options = known.filter((one) => one !== null || value === null);
  const input = el(
    "select",
    {},
    options.map((one, at) =>
      el("option", { value: at, selected: write(one) === write(value) }, typeof one === "string" ? one : write(one)),
    ),
  );
  return { node: input, control: input, read: () => options[Number(input.value)] };
}

function check(value) {
  const input = el("input", { type: "checkbox", checked: value === true });
  return { node: input, control: input, read: () => input.checked };
}

function number(value, pointer) {
  const input = el("input", { inputmode: "decimal", autocomplete: "off", value: value === null ? "" : String(value) });
  return {
    node: input,
    control: input,
    read: () => {
      if (!NUMBER.test(input.value.trim()))
        throw new NoValue(pointer, `expected a number, got ${JSON.stringify(input.value)}`);
      return read(input.value.trim());
    },
  };
}

function text(schema, value) {
  const shown = value ?? "";
  const isLong = shown.length > LONG_TEXT || shown.includes("\n");
  const input = isLong
    ? el("textarea", { rows: Math.min(Math.ceil(shown.length / LONG_TEXT) + 1, 8), value: shown })
    : el("input", { type: "text", value: shown, autocomplete: "off", spellcheck: "false" });
  // A browser turns the line ends of a text area into its own; a text that nobody touched stays as it was.
  return {
    node: input,
    control: input,
    read: () => (isLong && input.value === shown.replaceAll(/\r\n?/g, "\n") ? shown : input.value),
  };
}

function json(value, pointer) {
  const shown = write(value, 2);
  const input = el("textarea", {
    class: "code",
    rows: Math.min(shown.split("\n").length + 1, 12),
    value: shown,
    spellcheck: "false",
  });
  return { node: input, control: input, isJson: true, read: () => readJson(input.value, pointer) };
}

/** The value of a JSON text that was entered. Throws NoValue. */
export function readJson(entered, pointer = "") {
  try {
    return read(entered);
  } catch (error) {
    throw new NoValue(pointer, `is no JSON: ${error.message}`);
  }
}

/** A value as a form and as JSON, one at a time, with a switch between them: `node`, `read()`, `showErrors(violations)`. */
export class ValueEditor {
  constructor({ schema, schemas, value, fixed = [], label = "The value as JSON" }) {
    this.options = { schema, schemas, fixed };
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
      else throw new NoValue("", "fields are there for an object alone");
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
