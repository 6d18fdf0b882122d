// The controls of single values: a choice, a check, a number by its text, a text, and whatever else as JSON.

import { el } from "./dom.js";
import { NumberText, read, write } from "./json.js";
import { typesOf } from "./schema.js";

const LONG_TEXT = 60;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** An input that is no value: `violations` are `{ pointer, message }`, from where it was entered. */
export class NoValue extends Error {
  constructor(message, violations = [{ pointer: "", message }]) {
    super(message);
    this.violations = violations;
  }
}

/** The control of one value by its schema: a choice, a check, a number, a text, or JSON: `node`, `control`, `read()`. */
export function controlOf(schema, value) {
  const types = typesOf(schema);
  const isNull = value === null;
  if (schema.const !== undefined) return choice([schema.const], value);
  if (schema.enum?.length) return choice(schema.enum, value);
  if (
    (types.length === 1 && types[0] === "boolean" && (isNull || typeof value === "boolean")) ||
    (!types.length && typeof value === "boolean")
  )
    return check(value);
  const isNumber = typeof value === "number" || value instanceof NumberText;
  const numeric = types.length > 0 && types.every((type) => type === "integer" || type === "number");
  if ((numeric && (isNumber || isNull || value === "")) || (!types.length && isNumber)) return number(value);
  if (
    (types.includes("string") && types.length === 1 && (isNull || typeof value === "string")) ||
    (!types.length && typeof value === "string")
  )
    return text(schema, value);
  return json(value);
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

function number(value) {
  const input = el("input", { inputmode: "decimal", autocomplete: "off", value: value === null ? "" : String(value) });
  return {
    node: input,
    control: input,
    read: () => {
      const entered = input.value.trim();
      if (!entered) throw new NoValue("expected a number, and nothing is entered");
      if (!NUMBER.test(entered)) throw new NoValue(`expected a number, got ${JSON.stringify(input.value)}`);
      return read(entered);
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

function json(value) {
  const shown = write(value, 2);
  const input = el("textarea", {
    class: "code",
    rows: Math.min(shown.split("\n").length + 1, 12),
    value: shown,
    spellcheck: "false",
  });
  return { node: input, control: input, isJson: true, read: () => readJson(input.value) };
}

/** The value of a JSON text that was entered. Throws NoValue. */
export function readJson(entered) {
  try {
    return read(entered);
  } catch (error) {
    throw new NoValue(`is no JSON: ${error.message}`);
  }
}
