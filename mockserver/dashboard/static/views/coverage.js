// Coverage as a matrix: a row for each operation, a column for each status, the requests of the journal in the cells.

import { button, el, fill } from "../dom.js";
import { attempt } from "../talk.js";

const SIZES = { operations: "operations", statuses: "statuses", parameters: "parameters" };

/** What the requests in the journal exercised of the API. */
export async function showCoverage({ client, signal }, api, area) {
  let worlds = "";
  const all = el("input", { type: "checkbox", on: { change: () => {
    worlds = all.checked ? "all" : "";
    attempt(load);
  } } });
  const body = el("div");
  fill(area, el("div", { class: "head" }, el("label", { class: "check" }, all, "Of all worlds"), button("Count again", () => attempt(load), { class: "small" })), body);

  async function load() {
    const { apis: [found], dropped } = await client.get("/coverage", { api: api.name, worlds }, { signal });
    fill(body, totals(found.total), matrix(found.operations), dropped ? el("p", { class: "hint" }, `The journal let ${dropped} requests go, which count for nothing here.`) : null);
  }

  await load();
}

function totals(total) {
  return el("div", { class: "shares" }, Object.entries(SIZES).map(([name, title]) => {
    const { seen, of } = total[name];
    return el("div", {}, el("p", {}, el("b", {}, `${seen} of ${of}`), ` ${title}`), el("progress", { value: seen, max: of || 1, "aria-label": `${seen} of ${of} ${title}` }));
  }));
}

function matrix(operations) {
  const statuses = [...new Set(operations.flatMap((one) => one.statuses.map(({ status }) => status)))].sort();
  const cells = (one) => {
    const known = new Map(one.statuses.map((found) => [found.status, found]));
    return statuses.map((status) => cell(known.get(status)));
  };
  return el("div", { class: "table matrix", tabindex: "0", role: "region", "aria-label": "Operations and statuses" }, el("table", {},
    el("caption", { class: "unseen" }, "Requests by operation and status"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Operation"), statuses.map((status) => el("th", { scope: "col" }, status)), el("th", { scope: "col" }, "Parameters not sent"))),
    el("tbody", {}, operations.map((one) => el("tr", {}, el("th", { scope: "row", title: `${one.method} ${one.path}` }, el("span", { class: "method" }, one.method), " ", el("code", {}, one.path)), cells(one),
      el("td", { class: "faint" }, one.parameters.filter(({ seen }) => !seen).map(({ name }) => name).join(", ")))))));
}

function cell(found) {
  if (!found) return el("td", {});
  if (!found.declared) return el("td", { class: "seen undeclared", title: "not declared" }, `${found.seen}`, el("span", { class: "unseen" }, " not declared"));
  return el("td", { class: found.seen ? "seen" : "missing" }, found.seen ? String(found.seen) : el("span", { title: "declared, and not seen" }, "–", el("span", { class: "unseen" }, " declared, not seen")));
}
