// A JSON value to look at: one line for each member, remarks below the lines that they are about.

import { button, el, fill } from "./dom.js";
import { NumberText, escaped } from "./json.js";

const FIRST_LINES = 400;

/**
 * The value, pretty. `remarks` are `{ pointer, text }`; one that has no line of its own stands at the nearest above it.
 * A long value is shown up to 400 lines, and by request the rest.
 */
export function jsonView(value, { label, remarks = [] } = {}) {
  const lines = [];
  collect(value, "", "", "", lines);
  const texts = placed(lines, remarks);
  const list = el("ol", { class: "json", tabindex: "0", "aria-label": label });
  const show = (from, to) =>
    list.append(...lines.slice(from, to).map((line, at) => lineOf(line, texts.get(from + at))));
  show(0, FIRST_LINES);
  if (lines.length <= FIRST_LINES) return list;
  const rest = el("p", { class: "more" });
  fill(
    rest,
    button(`Show all ${lines.length.toLocaleString("en")} lines`, () => {
      rest.remove();
      show(FIRST_LINES, lines.length);
      list.focus();
    }),
  );
  return el("div", {}, list, rest);
}

function collect(value, pointer, name, tail, lines, level = 0) {
  const add = (parts, at = pointer) => lines.push({ pointer: at, level, parts });
  const key =
    name === ""
      ? []
      : [
          ["key", name],
          ["", ": "],
        ];
  if (value === null || typeof value !== "object" || value instanceof NumberText) {
    add([...key, scalar(value), ["", tail]]);
    return;
  }
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const members = Object.entries(value);
  if (!members.length) {
    add([...key, ["", open + close + tail]]);
    return;
  }
  add([...key, ["", open]]);
  members.forEach(([member, item], at) => {
    const shown = Array.isArray(value) ? "" : JSON.stringify(member);
    const comma = at < members.length - 1 ? "," : "";
    collect(item, `${pointer}/${escaped(member)}`, shown, comma, lines, level + 1);
  });
  lines.push({ pointer: null, level, parts: [["", close + tail]] });
}

function scalar(value) {
  if (typeof value === "string") return ["text", JSON.stringify(value)];
  if (value === null || typeof value === "boolean") return ["word", String(value)];
  return ["number", String(value)];
}

/** The remarks by the number of the line that they belong to. */
function placed(lines, remarks) {
  const at = new Map(lines.map((line, number) => [line.pointer, number]).filter(([pointer]) => pointer !== null));
  const found = new Map();
  for (const { pointer, text } of remarks) {
    let place = pointer;
    while (place && !at.has(place)) place = place.slice(0, place.lastIndexOf("/"));
    const number = at.get(place) ?? 0;
    const below = pointer.slice(place.length + 1);
    found.set(number, [...(found.get(number) ?? []), below ? `${below} ${text}` : text]);
  }
  return found;
}

function lineOf({ level, parts }, remarks = []) {
  const code = el(
    "code",
    { class: `in-${Math.min(level, 12)}` },
    parts.map(([kind, text]) => (kind ? el("span", { class: kind }, text) : text)),
  );
  return el(
    "li",
    { class: remarks.length ? "wrong" : null },
    code,
    remarks.map((text) => el("em", {}, text)),
  );
}
