// What is served: each API with its operations and why they answer so, what it leaves open, its findings, its coverage.

import { path } from "../client.js";
import { button, el, fill, newId } from "../dom.js";
import { copy, toast, attempt } from "../talk.js";
import { showCoverage } from "./coverage.js";

const FEW = 5;
const TABS = [
  ["operations", "Operations", showOperations],
  ["assumptions", "Assumptions", showAssumptions],
  ["findings", "Findings", showFindings],
  ["coverage", "Coverage", showCoverage],
];

/** The API and the part of it that are in the address, else the first ones. */
export async function show(context) {
  const { client, place, rest, signal, address, world } = context;
  const { apis } = await client.get("/apis", {}, { signal });
  const api = apis.find((one) => one.name === rest[0]) ?? (rest.length ? null : apis[0]);
  const [tab, , showTab] = TABS.find(([id]) => id === rest[1]) ?? TABS[0];
  const shelf = el("nav", { class: "shelf", "aria-label": "What is served" }, el("ul", {}, apis.map((one) => el("li", {}, el("a", {
    href: address(one.name, tab), "aria-current": one === api ? "page" : null }, one.name)))));
  const area = el("div", { class: "area" });
  fill(place, el("div", { class: "head" }, el("h1", {}, "APIs")), el("div", { class: "split" }, shelf, area));
  if (!api) {
    fill(area, el("p", { class: "empty" }, rest.length ? `No API ${rest[0]} is served.` : "Nothing is served."));
    return;
  }
  const body = el("div", { class: "body" });
  fill(area,
    el("div", { class: "head" }, el("h2", {}, api.title), el("a", { class: "button primary", href: client.root + path("apis", api.name, "docs") }, "Read and try it")),
    facts(api),
    el("nav", { class: "tabs", "aria-label": `Parts of ${api.name}` }, TABS.map(([id, title]) => el("a", { href: address(api.name, id), "aria-current": id === tab ? "page" : null }, title))),
    body);
  document.title = `${api.title} · ${world} · mockserver`;
  fill(body, el("p", { class: "faint" }, "Reading…"));
  await showTab(context, api, body);
}

function facts({ name, baseUrl, credential, source }) {
  const rows = [["Name", name], ["Base address", el("span", {}, baseUrl, " ", button("Copy", () => copy(baseUrl, "The address"), { class: "small", "aria-label": "Copy the base address" }))],
    ["Credential", credential ? el("code", {}, `${credential.header}: ${credential.value}`) : "none"], ["Made of", source || "no file"]];
  return el("dl", { class: "facts" }, rows.map(([title, value]) => el("div", {}, el("dt", {}, title), el("dd", {}, value))));
}

async function showOperations({ client, signal, addressOf, world }, api, area) {
  const { operations } = await client.get(path("apis", api.name, "operations"), { explain: true }, { signal });
  fill(area,
    el("ul", { class: "operations" }, operations.map((one) => el("li", {}, el("details", {},
      el("summary", {}, el("span", { class: "method" }, one.method), " ", el("code", {}, one.path), " ", el("span", { class: "tag" }, one.answeredBy), " ", el("span", { class: "faint" }, one.does ?? one.operation)),
      explained(one))))),
    el("p", {}, el("a", { href: addressOf(world, "state") }, "Its records")));
}

const SOURCES = { seed: "The page that the API was first written from says so.", docs: "Another page of the vendor says so.", assumed: "The vendor says nothing of it: it is assumed." };
const ANSWERED = { handler: "Code answers it.", state: "Its records answer it.", example: "An example of the document answers it.", schema: "A value that fits the schema is made up." };

function explained({ operation, answeredBy, source, why = [], asks = {}, corrects }) {
  const asked = Object.entries(asks);
  return el("div", { class: "why" },
    el("p", {}, el("code", {}, operation), " ", ANSWERED[answeredBy] ?? answeredBy, " ", SOURCES[source] ?? ""),
    why.length ? [el("p", { class: "hint" }, "What was seen in the document, and how much it weighs:"), el("ul", {}, why.map((seen) => el("li", {}, seen)))] : null,
    asked.length ? [el("p", { class: "hint" }, "What its parameters select:"), el("dl", { class: "asks" }, asked.map(([name, text]) => el("div", {}, el("dt", {}, el("code", {}, name)), el("dd", {}, text))))] : null,
    corrects ? el("p", { class: "hint" }, "In the document, this would change it: ", el("code", {}, corrects)) : null);
}

async function showAssumptions({ client, signal, world }, api, area) {
  const { assumptions } = await client.get("/assumptions", {}, { signal });
  const own = assumptions.filter((one) => one.name.startsWith(`${api.name}.`));
  fill(area, own.length ? [el("p", { class: "hint" }, `What the document leaves open, and what the mock does about it. A choice holds in the world ${world} from the next request on.`),
    searched(own.map((one) => question(client, one)))] : el("p", { class: "empty" }, "Nothing is left open that a client could see."));
}

/** Questions below a field for words that they have to have. */
function searched(questions) {
  const id = newId("words");
  const input = el("input", { id, type: "search", placeholder: "limit, webhook, 404…", spellcheck: "false", on: { input: () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const one of questions) one.hidden = !words.every((word) => one.textContent.toLowerCase().includes(word));
  } } });
  return [questions.length > FEW ? el("div", { class: "filters" }, el("div", { class: "field" }, el("label", { for: id }, `Find among ${questions.length} questions`), input)) : null, questions];
}

function question(client, one) {
  let chosen = one.option;
  const told = el("p", { class: "hint", role: "status" });
  const show = () => fill(told, chosen === one.default ? "" : el("span", { class: "tag warn" }, `switched from ${one.default}`));
  const choice = (option, text) => {
    const input = el("input", { type: "radio", name: one.name, value: option, checked: option === chosen });
    input.addEventListener("change", () => attempt(async () => {
      try {
        ({ option: chosen } = await client.put(path("assumptions", one.name), { option }));
        toast(`${one.name} is ${chosen} from now on.`);
        show();
      } finally {
        for (const each of area.querySelectorAll("input")) each.checked = each.value === chosen;
      }
    }));
    return el("label", { class: "choice" }, input, el("span", {}, el("b", {}, option), option === one.default ? el("span", { class: "faint" }, " usual") : null, el("br"), el("span", { class: "faint" }, text)));
  };
  const area = el("fieldset", { class: "question" }, el("legend", {}, one.question), el("p", { class: "hint" }, el("code", {}, one.name)),
    Object.entries(one.options).map(([option, text]) => choice(option, text)), told,
    one.probe ? el("p", { class: "hint" }, "The real server would settle it: ", one.probe) : null);
  show();
  return area;
}

async function showFindings({ client, signal }, api, area) {
  const { findings } = await client.get(path("apis", api.name, "findings"), {}, { signal });
  fill(area, findings.length ? el("ol", { class: "findings" }, findings.map((one) => el("li", { class: `finding ${one.severity === "error" ? "bad" : "warn"}` },
    el("p", {}, el("b", {}, `${one.file}:${one.line}`), " ", el("span", { class: `tag ${one.severity === "error" ? "bad" : "warn"}` }, one.severity), " ", one.message),
    one.text ? el("pre", { tabindex: "0", role: "region", "aria-label": `Line ${one.line}` }, one.text) : null,
    el("p", { class: "hint" }, el("code", {}, `#${one.pointer}`)))))
    : el("p", { class: "empty" }, "Nothing is wrong with the document."));
}
