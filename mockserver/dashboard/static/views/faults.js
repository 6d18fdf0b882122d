// What goes wrong in a world, and the answers of a test's own: faults, next answers and stubs, with the lines that do the same.

import { path } from "../client.js";
import { button, el, fill, gathered, repeated } from "../dom.js";
import { attempt } from "../talk.js";
import { NextAnswers, Scenarios } from "./answers.js";
import { FAULT_KINDS, MAPPING, faultSchema, newStub } from "./fault_forms.js";
import { faultLines, targetOf, whatGoesWrong } from "./fault_lines.js";
import { card, changes, deleted, edited, showCards } from "./rule_cards.js";
import { stubLines } from "./snippets.js";

const RELOADED_AFTER = 400;
const LOOKED_EACH = 3000;

/** All that is asked of the world's answers, with what can be added. */
export async function show(context) {
  const { client, place, signal } = context;
  const [faults, stubs] = [el("div", { class: "cards" }), el("div", { class: "cards" })];
  const rules = new Rules(context, faults, stubs);
  const answers = new NextAnswers(client, () => rules.load());
  const scenarios = new Scenarios(client, () => rules.load());
  rules.others = [answers, scenarios];
  fill(place,
    el("div", { class: "head" }, el("h1", {}, "Make it fail")),
    el("section", { "aria-label": "Faults" },
      el("div", { class: "head" }, el("h2", {}, "Faults"), el("div", { class: "buttons", role: "group", "aria-label": "Add a fault" },
        FAULT_KINDS.map(({ label, value }) => button(label, () => attempt(() => rules.editFault(value)), { class: "small", icon: "more" })))),
      el("p", { class: "hint" }, "What goes wrong with requests that keep the document, of callers that are known. The first that is due strikes."),
      faults),
    answers.node,
    el("section", { "aria-label": "Stubs" },
      el("div", { class: "head" }, el("h2", {}, "Stubs"), button("A stub", () => attempt(() => rules.editStub()), { class: "small", icon: "more" })),
      el("p", { class: "hint" }, "Answers of your own in front of the mock's. The one with the lowest priority answers, of those the newest."),
      stubs),
    scenarios.node);
  await rules.load();
  const reload = gathered(() => !signal.aborted && attempt(() => rules.load()), RELOADED_AFTER);
  client.follow("/requests/stream", { query: { summary: true }, signal, onEvent: reload });
  repeated(() => rules.load(), LOOKED_EACH, signal);
}

class Rules {
  constructor({ client, signal }, faults, stubs) {
    Object.assign(this, { client, signal, faults, stubs });
  }

  async load() {
    const options = { signal: this.signal };
    const [{ faults }, { mappings }] = await Promise.all([this.client.get("/faults", {}, options), this.client.get("/mappings", { counts: true }, options),
      ...this.others.map((one) => one.load(options))]);
    showCards(this.faults, faults, (fault) => this.faultCard(fault), "Nothing goes wrong.");
    showCards(this.stubs, mappings, (stub) => this.stubCard(stub), "No stubs: the mock answers everything itself.");
  }

  faultCard(fault) {
    const { id, seen, used, ...said } = fault;
    return card({
      id, title: [el("b", {}, whatGoesWrong(said)), " for ", el("code", {}, targetOf(said))],
      tag: `struck ${used} of ${seen} seen`, isUsed: used > 0, facts: oftenOf(said), lines: faultLines(this.client, said),
      actions: changes(() => this.editFault(said, id), () => this.remove(path("faults", id), "The fault is gone.")),
    });
  }

  stubCard(stub) {
    const { id, uuid: _uuid, seen, used, priority, persistent, ...said } = stub;
    if (priority !== 5) said.priority = priority;
    if (persistent) said.persistent = true;
    const { method = "ANY", url, urlPath, urlPattern, urlPathPattern, urlPathTemplate, ...more } = said.request;
    const where = url ?? urlPath ?? urlPattern ?? urlPathPattern ?? urlPathTemplate ?? "any address";
    return card({
      id, tag: `answered ${used} of ${seen} seen`, isUsed: used > 0, lines: stubLines(this.client, said),
      title: [el("b", {}, said.response.fault ?? String(said.response.status ?? 200)), " to ", el("code", {}, `${method} ${where}`), said.name ? [" ", el("span", { class: "faint" }, said.name)] : null],
      facts: [...Object.keys(more).map((name) => `with ${name}`), said.priority === undefined ? "" : `priority ${said.priority}`, said.times ? `${said.times} times` : "",
        said.scenarioName ? `scenario ${said.scenarioName}` : "", said.persistent ? "survives a reset of the stubs" : "", said.check === false ? "not held against the document" : ""],
      actions: changes(() => this.editStub(said, id), () => this.remove(path("mappings", id), "The stub is gone.")),
    });
  }

  async editFault(value, id) {
    const [document, { apis }] = await Promise.all([this.client.get("/openapi.json"), this.client.get("/apis")]);
    const isKept = await edited({ document, schema: faultSchema(document, apis), value, title: id ? "Change the fault" : "A fault", linesOf: (said) => faultLines(this.client, said),
      send: (said) => (id ? this.client.put(path("faults", id), said) : this.client.post("/faults", said)), done: id ? "The fault is changed." : "The fault is in force." });
    if (isKept) await this.load();
  }

  async editStub(value = newStub(), id) {
    const document = await this.client.get("/openapi.json");
    const isKept = await edited({ document, schema: MAPPING, value, title: id ? "Change the stub" : "A stub", linesOf: (said) => stubLines(this.client, said),
      send: (said) => (id ? this.client.put(path("mappings", id), said) : this.client.post("/mappings", said)), done: id ? "The stub is changed." : "The stub answers from now on." });
    if (isKept) await this.load();
  }

  async remove(where, said) {
    if (await deleted(this.client, where, said)) await this.load();
  }
}

function oftenOf({ times, after, every, probability, request, writes }) {
  return [times ? `${times} ${times === 1 ? "time" : "times"}` : "", after ? `after ${after}` : "", every > 1 ? `each ${every}th` : "",
    probability && probability < 1 ? `with probability ${probability}` : "", request ? "for some requests alone" : "", writes === undefined ? "" : writes ? "is carried out" : "is not carried out"];
}
