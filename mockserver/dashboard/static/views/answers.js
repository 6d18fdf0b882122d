// Answers that wait for the next requests of an operation, and the scenarios of stubs.

import { path } from "../client.js";
import { button, el, newId } from "../dom.js";
import { attempt, toast } from "../talk.js";
import { newAnswer, answerSchema } from "./fault_forms.js";
import { answerLines, scenarioLines } from "./fault_lines.js";
import { card, deleted, edited, showCards } from "./rule_cards.js";

/** The queue of next answers. `reload` is called when something was done. */
export class NextAnswers {
  constructor(client, reload) {
    Object.assign(this, { client, reload, area: el("div", { class: "cards" }) });
    this.empty = button("Delete all", () => attempt(() => this.remove()), { class: "small", icon: "bin" });
    this.node = el("section", { "aria-label": "Next answers" },
      el("div", { class: "head" }, el("h2", {}, "Next answers"), this.empty, button("An answer", () => attempt(() => this.add()), { class: "small", icon: "more" })),
      el("p", { class: "hint" }, "What the next requests of one operation get, in this order; then the mock answers again."),
      this.area);
  }

  async load(options) {
    const { answers } = await this.client.get("/next", {}, options);
    this.empty.hidden = !answers.length;
    showCards(this.area, answers.map((one, at) => ({ at, ...one })), (one) => this.cardOf(one), "None waits.");
  }

  cardOf({ at, used, ...said }) {
    const { api, operation, status, example, times, body, headers, check } = said;
    const what = [status ? `Status ${status}` : "The first success", example ? `example ${example}` : "", body === undefined ? "" : "with a body"].filter(Boolean).join(", ");
    return card({
      id: `next-${at}`, title: [el("b", {}, what), " for ", el("code", {}, [api, operation].filter(Boolean).join(" · "))],
      tag: `gave ${used} of ${times}`, isUsed: used > 0, lines: answerLines(this.client, said),
      facts: [headers ? `with ${Object.keys(headers).join(", ")}` : "", check === false ? "not held against the document" : ""],
    });
  }

  async add() {
    const [document, { apis }] = await Promise.all([this.client.get("/openapi.json"), this.client.get("/apis")]);
    const isAdded = await edited({ document, schema: answerSchema(document, apis), value: newAnswer(document), title: "The next answer of an operation", done: "The answer waits.",
      linesOf: (said) => answerLines(this.client, said), send: (said) => this.client.post("/next", said) });
    if (isAdded) await this.reload();
  }

  async remove() {
    if (await deleted(this.client, "/next", "No answer waits.", "Delete all that wait?")) await this.reload();
  }
}

/** The scenarios that stubs name, each in one of its states; nothing where there are none. */
export class Scenarios {
  constructor(client, reload) {
    Object.assign(this, { client, reload, area: el("div", { class: "cards" }) });
    this.node = el("section", { "aria-label": "Scenarios", hidden: true },
      el("div", { class: "head" }, el("h2", {}, "Scenarios"), button("All to the start", () => attempt(() => this.reset()), { class: "small" })),
      el("p", { class: "hint" }, "Stubs that follow one another: which of them answer depends on the state."),
      this.area);
  }

  async load(options) {
    const { scenarios } = await this.client.get("/scenarios", {}, options);
    this.node.hidden = !scenarios.length;
    showCards(this.area, scenarios, (one) => this.cardOf(one), "");
  }

  cardOf({ name, state, possibleStates }) {
    const choice = el("select", { id: newId("state"), "aria-label": `State of ${name}`, on: { change: () => attempt(() => this.move(name, choice.value, state)) } },
      possibleStates.map((one) => el("option", { value: one, selected: one === state }, one)));
    return card({ id: `scenario-${name}`, title: el("b", {}, name), actions: choice, lines: scenarioLines(this.client, name, state) });
  }

  async move(name, state, before) {
    try {
      await this.client.put(path("scenarios", name, "state"), { state });
      toast(`${name} is ${state}.`);
    } catch (error) {
      throw new Error(`${name} stays ${before}. ${error.message}`);
    } finally {
      await this.reload();
    }
  }

  async reset() {
    await this.client.post("/scenarios/reset");
    toast("All scenarios are at their start.");
    await this.reload();
  }
}
