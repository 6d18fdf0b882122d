// What goes wrong in a world, and the answers of a test's own: faults and stubs, each with the lines that do the same.

import { path } from "../client.js";
import { button, el, fill, gathered } from "../dom.js";
import { ValueEditor } from "../form.js";
import { write } from "../json.js";
import { Schemas } from "../schema.js";
import { attempt, confirmed, copy, dialog, toast } from "../talk.js";
import { FAULT_KINDS, MAPPING, faultSchema, newStub } from "./fault_forms.js";
import { faultLines, stubLinesOf, targetOf, whatGoesWrong } from "./fault_lines.js";

const RELOADED_AFTER = 400;

/** All faults and all stubs of the world, with what can be added. */
export async function show(context) {
  const { client, place, signal } = context;
  const [faults, stubs] = [el("div", { class: "cards" }), el("div", { class: "cards" })];
  const rules = new Rules(context, faults, stubs);
  fill(place,
    el("div", { class: "head" }, el("h1", {}, "Make it fail")),
    el("section", { "aria-label": "Faults" },
      el("div", { class: "head" }, el("h2", {}, "Faults"), el("div", { class: "buttons", role: "group", "aria-label": "Add a fault" },
        FAULT_KINDS.map(({ label, value }) => button(label, () => attempt(() => rules.editFault(value)), { class: "small", icon: "more" })))),
      el("p", { class: "hint" }, "What goes wrong with requests that keep the document, of callers that are known. The first that is due strikes."),
      faults),
    el("section", { "aria-label": "Stubs" },
      el("div", { class: "head" }, el("h2", {}, "Stubs"), button("A stub", () => attempt(() => rules.editStub()), { class: "small", icon: "more" })),
      el("p", { class: "hint" }, "Answers of your own in front of the mock's. The one with the lowest priority answers, of those the newest."),
      stubs));
  await rules.load();
  const reload = gathered(() => !signal.aborted && attempt(() => rules.load()), RELOADED_AFTER);
  client.follow("/requests/stream", { query: { summary: true }, signal, onEvent: reload });
}

class Rules {
  constructor({ client, signal }, faults, stubs) {
    Object.assign(this, { client, signal, faults, stubs });
  }

  async load() {
    const { signal } = this;
    const [{ faults }, { mappings }] = await Promise.all([
      this.client.get("/faults", {}, { signal }), this.client.get("/mappings", { counts: true }, { signal })]);
    this.show(this.faults, faults, (fault) => this.faultCard(fault), "Nothing goes wrong.");
    this.show(this.stubs, mappings, (stub) => this.stubCard(stub), "No stubs: the mock answers everything itself.");
  }

  /** Cards that stay as they were are the same elements, so that the focus stays. */
  show(area, rules, cardOf, empty) {
    const before = area.known ?? new Map();
    const known = new Map(rules.map((rule) => [write(rule), before.get(write(rule)) ?? cardOf(rule)]));
    const isSame = area.known && before.size === known.size && [...known.keys()].every((key, at) => key === [...before.keys()][at]);
    area.known = known;
    if (isSame) return;
    const [id, label] = [document.activeElement?.closest(".card")?.dataset.id, document.activeElement?.textContent];
    fill(area, known.size ? [...known.values()] : el("p", { class: "empty" }, empty));
    const again = id && area.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (again) [...again.querySelectorAll("button")].find((one) => one.textContent === label)?.focus();
  }

  faultCard(fault) {
    const { id, seen, used, ...said } = fault;
    return card({
      id, seen, used, title: [el("b", {}, whatGoesWrong(said)), " for ", el("code", {}, targetOf(said))],
      facts: oftenOf(said), verb: "struck", lines: faultLines(this.client, said),
      edit: () => this.editFault(said, id), remove: () => this.remove(path("faults", id), "The fault is gone."),
    });
  }

  stubCard(stub) {
    const { id, uuid: _uuid, seen, used, priority, persistent, ...said } = stub;
    if (priority !== 5) said.priority = priority;
    if (persistent) said.persistent = true;
    const { method = "ANY", url, urlPath, urlPattern, urlPathPattern, urlPathTemplate, ...more } = said.request;
    const where = url ?? urlPath ?? urlPattern ?? urlPathPattern ?? urlPathTemplate ?? "any address";
    return card({
      id, seen, used, verb: "answered", lines: stubLinesOf(this.client, said),
      title: [el("b", {}, said.response.fault ?? String(said.response.status ?? 200)), " to ", el("code", {}, `${method} ${where}`), said.name ? [" ", el("span", { class: "faint" }, said.name)] : null],
      facts: [...Object.keys(more).map((name) => `with ${name}`), said.priority === undefined ? "" : `priority ${said.priority}`, said.times ? `${said.times} times` : "",
        said.scenarioName ? `scenario ${said.scenarioName}` : "", said.persistent ? "survives a reset of the stubs" : "", said.check === false ? "not held against the document" : ""],
      edit: () => this.editStub(said, id), remove: () => this.remove(path("mappings", id), "The stub is gone."),
    });
  }

  async editFault(value, id) {
    this.document ??= await this.client.get("/openapi.json");
    const { apis } = await this.client.get("/apis");
    const schema = faultSchema(this.document, apis);
    await this.edit({ schema, value, title: id ? "Change the fault" : "A fault", linesOf: (said) => faultLines(this.client, said),
      send: (said) => (id ? this.client.put(path("faults", id), said) : this.client.post("/faults", said)), done: id ? "The fault is changed." : "The fault is in force." });
  }

  async editStub(value = newStub(), id) {
    this.document ??= await this.client.get("/openapi.json");
    await this.edit({ schema: MAPPING, value, title: id ? "Change the stub" : "A stub", linesOf: (said) => stubLinesOf(this.client, said),
      send: (said) => (id ? this.client.put(path("mappings", id), said) : this.client.post("/mappings", said)), done: id ? "The stub is changed." : "The stub answers from now on." });
  }

  async edit({ schema, value, title, linesOf, send, done }) {
    const editor = new ValueEditor({ schema, schemas: new Schemas(this.document), value, label: "As JSON" });
    const save = async () => {
      try {
        return await send(editor.read());
      } catch (error) {
        if (!error.violations?.length) throw error;
        editor.showErrors(error.violations);
        throw new Error(error.violations.length === 1 ? "One value does not fit." : `${error.violations.length} values do not fit.`);
      }
    };
    const copied = (kind, what) => button(`Copy as ${kind}`, () => attempt(() => copy(linesOf(editor.read())[kind], what)), { class: "small" });
    const kept = await dialog({ title, wide: true, body: [editor.node, el("p", { class: "buttons" }, copied("curl", "The curl line"), copied("pytest", "The line for a test"))],
      actions: [{ label: "Save", kind: "primary", run: save }] });
    if (kept === undefined) return;
    toast(done);
    await this.load();
  }

  async remove(where, said) {
    if (!(await confirmed("Delete it?", "From the next request on it is as if it had never been.", "Delete"))) return;
    await attempt(async () => {
      await this.client.delete(where);
      toast(said);
      await this.load();
    });
  }
}

function oftenOf({ times, after, every, probability, request, writes }) {
  return [times ? `${times} ${times === 1 ? "time" : "times"}` : "", after ? `after ${after}` : "", every > 1 ? `each ${every}th` : "",
    probability && probability < 1 ? `with probability ${probability}` : "", request ? "for some requests alone" : "", writes === undefined ? "" : writes ? "is carried out" : "is not carried out"];
}

function card({ id, title, facts, seen, used, verb, lines, edit, remove }) {
  const line = ([kind, text]) => el("div", { class: "equal" }, el("span", { class: "faint" }, kind), el("pre", { tabindex: "0", role: "region", "aria-label": `As ${kind}` }, text),
    button("Copy", () => copy(text, `The line for ${kind}`), { class: "small", "aria-label": `Copy for ${kind}` }));
  return el("article", { class: "card", dataset: { id } },
    el("div", { class: "head" }, el("h3", {}, title), el("span", { class: `tag ${used ? "good" : ""}` }, `${verb} ${used} of ${seen} seen`),
      button("Change", () => attempt(edit), { class: "small" }), button("", () => attempt(remove), { class: "quiet", icon: "bin", "aria-label": "Delete" })),
    facts.some(Boolean) ? el("p", { class: "hint" }, facts.filter(Boolean).join(" · ")) : null,
    Object.entries(lines).map(line));
}
