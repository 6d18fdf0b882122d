// Bodies to look at: JSON, text, the parts of a form, and bytes as hexadecimal digits beside their characters.

import { button, el, fill } from "../dom.js";
import { jsonView } from "../json_view.js";

const FIRST_BYTES = 512;
const MOST_BYTES = 65_536;
const IN_LINE = 8;
const PART_HEAD = /\r\n\r\n/;

/** The body of a message of the journal; `remarks` are `{ pointer, text }`, which stand at their places where there are such. */
export function bodyOf(message, title, remarks) {
  const label = `Body of the ${title.toLowerCase()}`;
  const type = mediaTypeOf(message.headers);
  if (!message.bodyEncoding) return el("p", { class: "faint" }, "None.");
  if (message.bodyEncoding === "json") return jsonView(message.json, { label, remarks });
  const isText = message.bodyEncoding === "text";
  const bytes = isText ? message.body : atob(message.bodyAsBase64);
  const parts = partsOf(bytes, type, isText);
  if (parts) return formView(parts, label, remarks);
  return isText ? textView(message.body, label) : bytesView(bytes, label);
}

function mediaTypeOf(headers) {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}

/** The parts of a form, `{ name, note, text, bytes }`; null where it is none. */
function partsOf(bytes, type, isText) {
  if (isText && /^application\/x-www-form-urlencoded\b/i.test(type)) return [...new URLSearchParams(bytes)].map(([name, text]) => ({ name, text }));
  const boundary = /^multipart\/[^;]+;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  if (!boundary) return null;
  const found = `\r\n${bytes}`.split(`\r\n--${boundary[1] ?? boundary[2]}`).slice(1, -1);
  return found.length ? found.map((part) => partOf(part.slice(2), isText)) : null;
}

function partOf(part, isText) {
  const at = part.search(PART_HEAD);
  const decode = (text) => (isText ? text : decoded(text));
  const [head, bytes] = at < 0 ? ["", part] : [decode(part.slice(0, at)) ?? part.slice(0, at), part.slice(at + 4)];
  const said = (name) => new RegExp(`[;\\s]${name}="([^"]*)"`, "i").exec(head)?.[1];
  const type = /^content-type:\s*(.*)$/im.exec(head)?.[1];
  return { name: said("name") ?? "part", note: [said("filename"), type].filter(Boolean).join(", "), text: decode(bytes), bytes };
}

/** The text of these bytes; null where they are none. */
function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
  } catch {
    return null;
  }
}

function formView(parts, label, remarks) {
  const wrong = (name) => remarks.filter(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`)).map(({ text }) => el("em", { class: "wrong" }, text));
  const row = ({ name, note, text, bytes }) => el("tr", {}, el("th", { scope: "row", title: name }, name),
    el("td", {}, note ? el("p", { class: "faint" }, note) : null, text === null ? bytesView(bytes, `Bytes of ${name}`) : text, wrong(name)));
  return el("table", { class: "pairs" }, el("caption", { class: "unseen" }, label), el("tbody", {}, parts.map(row)));
}

function textView(text, label) {
  return el("pre", { tabindex: "0", "aria-label": label, role: "region" }, text);
}

/** The first bytes, and the others by request. */
function bytesView(bytes, label) {
  const shown = el("pre", { class: "bytes", tabindex: "0", "aria-label": label, role: "region" }, dump(bytes.slice(0, FIRST_BYTES)));
  const rest = el("p", { class: "more" }, bytes.length > FIRST_BYTES ? button(bytes.length > MOST_BYTES ? `Show the first ${MOST_BYTES.toLocaleString("en")}` : "Show all of them", () => {
    shown.textContent = dump(bytes.slice(0, MOST_BYTES));
    fill(rest);
    shown.focus();
  }, { class: "small" }) : null);
  return [el("p", { class: "faint" }, `${bytes.length.toLocaleString("en")} bytes`), shown, rest];
}

function dump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += IN_LINE) {
    const codes = Array.from(bytes.slice(at, at + IN_LINE), (one) => one.charCodeAt(0));
    const digits = codes.map((code) => code.toString(16).padStart(2, "0")).join(" ").padEnd(IN_LINE * 3 - 1);
    const characters = codes.map((code) => (code > 31 && code < 127 ? String.fromCharCode(code) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${digits}  ${characters}`);
  }
  return lines.join("\n");
}
