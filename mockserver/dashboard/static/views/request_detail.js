// One request beside its answer, what was wrong with either, and what can be made of it.

import { path } from "../client.js";
import { button, el, fill } from "../dom.js";
import { partsOf, write } from "../json.js";
import { readJson } from "../controls.js";
import { statusOf } from "../status_mark.js";
import { attempt, codeBox, copy, dialog, toast } from "../talk.js";
import { arrangedFor } from "./arranged.js";
import { bodyOf } from "./bodies.js";
import { curlOf, fetchOf, httpxOf, pytestOf, requestOf, stubLines, stubOf } from "./snippets.js";

const NAMED = ["query", "header", "path", "cookie"];
const ANSWERED = {
  handler: "code of the API", state: "the records of the world", example: "an example of the document", document: "what the document shows", schema: "a value made by its schema",
  stub: "a stub", next: "a next answer", fault: "a fault", replay: "an earlier answer, given again", upstream: "the server behind the proxy", fallback: "the mock, for the server behind the proxy",
  invalid: "it breaks its document", malformed: "its body cannot be read", "media-type": "its media type is not taken", "too-large": "its body is too large", "not-acceptable": "no media type that it accepts",
  unauthenticated: "the caller is not known", forbidden: "the caller may not", "rate-limited": "too many requests", "not-found": "there is no such record", "already-exists": "there is such a record",
  "no-operation": "no operation has its path", "no-method": "no operation of its path has its method", "broken-promise": "the answer would break the document",
};

/** Shows the request whose number is in the address. */
export async function showRequest(context) {
  const { client, place, rest, signal, addressOf, world } = context;
  const entry = await client.get(path("requests", rest[0]), {}, { signal });
  const { apis } = await client.get("/apis", {}, { signal });
  const near = el("div");
  const relied = el("div");
  fill(
    place,
    el("p", {}, el("a", { class: "back", href: addressOf(world, "requests") }, "All requests")),
    el(
      "div",
      { class: "head" },
      el("h1", { class: "asked" }, el("span", { class: "method" }, entry.request.method), " ", entry.request.url),
      statusOf(entry.response.status, entry.response.fault),
    ),
    facts(entry),
    actions(context, entry, apis),
    violations("The request breaks its document", entry.violations, "warn"),
    violations("The answer breaks its document", entry.broken, "bad"),
    near,
    relied,
    el(
      "div",
      { class: "sides" },
      side("Request", entry.request, entry.violations),
      side("Response", entry.response, entry.broken),
    ),
  );
  if (!entry.operation) await attempt(() => showNear(context, entry, near));
  if (entry.assumptions.length) await attempt(() => showAssumptions(context, entry, relied));
}

function facts(entry) {
  const rows = [
    ["Number", entry.id],
    ["World time", entry.at],
    ["Took", `${entry.tookMs} ms`],
    ["API", entry.api ?? "none"],
    ["Operation", entry.operation ?? "none"],
    ["Answered by", [entry.answeredBy, ANSWERED[entry.answeredBy] ? el("span", { class: "faint" }, `: ${ANSWERED[entry.answeredBy]}`) : null]],
  ];
  return el(
    "dl",
    { class: "facts" },
    rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function actions(context, entry, apis) {
  const { client, world } = context;
  const { cut } = requestOf(entry, apis);
  const made = (title, text) => attempt(() => copy(text(entry, apis), title));
  const test = async () => {
    const changes = await client.get(path("worlds", world, "diff"));
    const { collections } = await client.get(path("state", entry.api));
    const code = pytestOf(entry, apis, arrangedFor(entry, changes, collections));
    await dialog({
      title: "A test of this request",
      wide: true,
      closing: "Close",
      body: [
        el(
          "p",
          { class: "hint" },
          "For the pytest plugin that comes with the mock. It begins with the records of the fixtures, and those that the address names; where the answer depended on earlier requests, a comment says so.",
        ),
        codeBox(code, "The test"),
      ],
      actions: [{ label: "Copy", kind: "primary", run: async () => (await copy(code, "The test"), true) }],
    });
  };
  return [
    el(
      "div",
      { class: "actions", role: "group", "aria-label": "What to make of this request" },
      button("Copy as curl", () => made("The curl line", curlOf)),
      button("Copy as httpx", () => made("The httpx call", httpxOf)),
      button("Copy as fetch", () => made("The fetch call", fetchOf)),
      entry.api ? button("Replay", () => attempt(() => replay(context, entry))) : null,
      button("Make a stub of it", () => attempt(() => makeStub(context, entry))),
      entry.api ? button("Make a test of it", () => attempt(test)) : null,
    ),
    cut.length
      ? el(
          "p",
          { class: "hint" },
          `Secrets are cut to their first characters, also in what is copied: ${[...new Set(cut)].join(", ")}.`,
        )
      : null,
  ];
}

async function replay({ client, addressOf, world, go }, entry) {
  const again = await client.post(path("requests", entry.id, "replay"));
  toast(`Made once more: ${again.response.status || "no answer"}.`);
  go(addressOf(world, "requests", again.id));
}

async function makeStub({ client }, entry) {
  const box = codeBox(write(stubOf(entry), 2), "The stub as JSON", { readonly: false });
  const line = (kind, what) =>
    button(`Copy as ${kind}`, () => attempt(() => copy(stubLines(client, readJson(box.value))[kind], what)), {
      class: "small",
    });
  const added = await dialog({
    title: "A stub of this request",
    wide: true,
    body: [
      el(
        "p",
        { class: "hint" },
        "From now on requests like this one get this answer in this world, in the place of the mock's. Fewer conditions meet more requests.",
      ),
      box,
      el("p", { class: "buttons" }, line("curl", "The curl line"), line("pytest", "The line for a test")),
    ],
    actions: [{ label: "Add the stub", kind: "primary", run: () => client.post("/mappings", readJson(box.value)) }],
  });
  if (added) toast("The stub answers from now on.");
}

async function showNear({ client, signal }, entry, area) {
  const { method, url } = entry.request;
  const { nearMisses } = await client.post("/near-misses/request", { method, url }, { signal });
  if (!nearMisses.length) return;
  fill(
    area,
    el(
      "section",
      { class: "finding" },
      el("h2", {}, "No operation took it; the nearest are"),
      el(
        "ul",
        {},
        nearMisses.map((near) =>
          el(
            "li",
            {},
            el(
              "b",
              {},
              `${near.requestPattern.method} ${near.requestPattern.urlPathTemplate ?? near.requestPattern.url}`,
            ),
            " ",
            el("span", { class: "faint" }, near.operation),
            " ",
            near.curl
              ? button("Copy as curl", () => attempt(() => copy(near.curl, "The curl line")), { class: "small" })
              : null,
            el(
              "ul",
              {},
              near.differences.map((one) => el("li", {}, typeof one === "string" ? one : write(one))),
            ),
          ),
        ),
      ),
    ),
  );
}

async function showAssumptions({ client, signal }, entry, area) {
  const { assumptions } = await client.get("/assumptions", {}, { signal });
  const known = new Map(assumptions.map((one) => [one.name, one]));
  fill(
    area,
    el(
      "section",
      { class: "finding" },
      el("h2", {}, "What the answer relies on"),
      el(
        "ul",
        {},
        entry.assumptions.map((text) => {
          const [name, option] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
          const chosen = known.get(name);
          return el(
            "li",
            {},
            el("code", {}, text),
            chosen ? [" ", chosen.question, " ", el("span", { class: "faint" }, chosen.options[option] ?? "")] : null,
          );
        }),
      ),
    ),
  );
}

function violations(title, found, kind) {
  if (!found.length) return null;
  return el(
    "section",
    { class: `finding ${kind}` },
    el("h2", {}, title),
    el(
      "ul",
      {},
      found.map((one) =>
        el(
          "li",
          {},
          el("code", {}, `${one.place}${one.pointer}`),
          " ",
          one.message,
          one.message.includes(one.keyword) ? null : [" ", el("span", { class: "faint" }, one.keyword)],
        ),
      ),
    ),
  );
}

/** A message, with what is wrong at its places: in the query, in headers, in the body. */
function side(title, message, found) {
  const remarks = found.filter(({ place }) => !NAMED.includes(place)).map((one) => ({ pointer: one.pointer, text: one.message }));
  const query = Object.entries(message.query ?? {}).flatMap(([name, values]) => values.map((value) => [name, value]));
  return el(
    "section",
    { class: "side-by-side" },
    el("h2", {}, title),
    pairs("Query", query, found.filter(({ place }) => place === "query")),
    pairs("Headers", Object.entries(message.headers), found.filter(({ place }) => place === "header")),
    el("h3", {}, "Body"),
    bodyOf(message, title, remarks),
  );
}

function pairs(title, rows, found) {
  if (!rows.length) return null;
  const wrong = (name) => found.filter(({ pointer }) => partsOf(pointer)[0]?.toLowerCase() === name.toLowerCase()).map(({ message }) => el("em", { class: "wrong" }, message));
  return [
    el("h3", {}, title),
    el(
      "table",
      { class: "pairs" },
      el("caption", { class: "unseen" }, title),
      el(
        "tbody",
        {},
        rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row", title: name }, name), el("td", {}, value, wrong(name)))),
      ),
    ),
  ];
}
