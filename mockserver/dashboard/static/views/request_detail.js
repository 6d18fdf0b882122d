// One request beside its answer, what was wrong with either, and what can be made of it.

import { path } from "../client.js";
import { button, el, fill } from "../dom.js";
import { jsonView } from "../json_view.js";
import { read } from "../json.js";
import { attempt, copy, toast } from "../talk.js";
import { statusOf } from "./requests.js";

/** Shows the request whose number is in the address. */
export async function showRequest(context) {
  const { client, place, rest, signal, addressOf, world } = context;
  const back = el("a", { class: "back", href: addressOf(world, "requests") }, "All requests");
  const entry = await client.get(path("requests", rest[0]), {}, { signal });
  fill(place,
    el("p", {}, back),
    el("div", { class: "head" }, el("h1", { class: "asked" }, el("span", { class: "method" }, entry.request.method), " ",
      entry.request.url), statusOf(entry.response.status, entry.response.fault)),
    facts(entry),
    findings(entry),
    el("div", { class: "sides" },
      side("Request", entry.request, entry.violations.filter((one) => one.place === "body")),
      side("Response", entry.response, entry.broken)));
}

function facts(entry) {
  const rows = [
    ["Number", entry.id], ["World time", entry.at], ["Took", `${entry.tookMs} ms`], ["API", entry.api ?? "none"],
    ["Operation", entry.operation ?? "none"], ["Answered by", entry.answeredBy],
  ];
  return el("dl", { class: "facts" }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function findings(entry) {
  return [
    violations("The request breaks its document", entry.violations, "warn"),
    violations("The answer breaks its document", entry.broken, "bad"),
    entry.assumptions.length ? el("section", { class: "finding" }, el("h2", {}, "What the answer relies on"),
      el("ul", {}, entry.assumptions.map((one) => el("li", {}, el("code", {}, one))))) : null,
  ];
}

function violations(title, found, kind) {
  if (!found.length) return null;
  return el("section", { class: `finding ${kind}` }, el("h2", {}, title), el("ul", {}, found.map((one) => el("li", {},
    el("code", {}, `${one.place}${one.pointer}`), " ", one.message, " ", el("span", { class: "faint" }, one.keyword)))));
}

function side(title, message, found) {
  const remarks = found.map((one) => ({ pointer: one.pointer, text: one.message }));
  const query = Object.entries(message.query ?? {}).flatMap(([name, values]) => values.map((value) => [name, value]));
  return el("section", { class: "side-by-side" }, el("h2", {}, title),
    pairs("Query", query), pairs("Headers", Object.entries(message.headers)),
    el("h3", {}, "Body"), bodyOf(message, title, remarks));
}

function pairs(title, rows) {
  if (!rows.length) return null;
  return [el("h3", {}, title), el("table", { class: "pairs" }, el("caption", { class: "unseen" }, title),
    el("tbody", {}, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))))];
}

function bodyOf(message, title, remarks) {
  const label = `Body of the ${title.toLowerCase()}`;
  if (message.bodyEncoding === "json") return jsonView(message.json ?? read(message.body), { label, remarks });
  if (!message.bodyEncoding) return el("p", { class: "faint" }, "None.");
  const text = message.bodyEncoding === "base64" ? message.bodyAsBase64 : message.body;
  const told = message.bodyEncoding === "base64" ? el("p", { class: "faint" }, "Bytes that are no text, in Base64:") : null;
  return [told, el("pre", { tabindex: "0", "aria-label": label }, text)];
}
