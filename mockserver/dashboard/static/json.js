// JSON as it was written: numbers that JavaScript cannot hold keep their text, and so do 1.0 and 1e3.

/** A number by its text, where the text is not what JavaScript would write for it. */
export class NumberText {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }

  valueOf() {
    return Number(this.text);
  }
}

/** The value of a JSON text. Throws SyntaxError. */
export function read(text) {
  return JSON.parse(text, (_name, value, context) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && source !== String(value)
      ? new NumberText(source)
      : value;
  });
}

/** The JSON text of a value, over several lines if `indent` is a number of spaces. */
export function write(value, indent = 0, level = 0) {
  if (value instanceof NumberText) return value.text;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => write(item, indent, level + 1))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${JSON.stringify(name)}:${indent ? " " : ""}${write(item, indent, level + 1)}`);
  const [open, close] = isList ? "[]" : "{}";
  if (!parts.length) return open + close;
  if (!indent) return open + parts.join(",") + close;
  const [inner, outer] = [" ".repeat(indent * (level + 1)), " ".repeat(indent * level)];
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${outer}${close}`;
}

/** Whether two values are the same JSON. */
export function same(one, other) {
  return write(sorted(one)) === write(sorted(other));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object" || value instanceof NumberText) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}

/** Whether a value is an object, not a list, a number by its text, or null. */
export function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof NumberText);
}

/** The part of a JSON pointer for this name. */
export function escaped(name) {
  return String(name).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The names that a JSON pointer consists of. */
export function partsOf(pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
