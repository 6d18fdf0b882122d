// The records of a world as tables, edited by the form of their schema; `changes.js` has what changed.

import { path } from "../client.js";
import { button, el, fill, gathered, repeated } from "../dom.js";
import { ValueEditor } from "../form.js";
import { NumberText, same, write } from "../json.js";
import { Schemas } from "../schema.js";
import { Pager, Table } from "../table.js";
import { attempt, confirmed, dialog, toast } from "../talk.js";
import { showChanges } from "./changes.js";
import { newRecord } from "./new_record.js";
import { worldActions } from "./world_actions.js";

const PAGE = 50;
const MOST_COLUMNS = 6;
const RELOADED_AFTER = 400;
const FOUND_AFTER = 250;
const LOOKED_EACH = 3000;
const NO_RECORDS = "No records. Add one, or send a request that does.";
const NONE_FOUND = "No record has this text.";
const documents = new Map();

/** The collection in the address, else the first one; or what changed. */
export async function show(context) {
  const { client, place, rest, signal, address, world } = context;
  const shelf = el("nav", { class: "shelf", "aria-label": "Collections" });
  const area = el("div", { class: "area" });
  fill(
    place,
    el("div", { class: "head" }, el("h1", {}, "State"), worldActions(context)),
    el("div", { class: "split" }, shelf, area),
  );

  async function load() {
    const { apis } = await client.get("/apis", {}, { signal });
    const all = await Promise.all(
      apis.map(async ({ name }) => ({ name, ...(await client.get(path("state", name), {}, { signal })) })),
    );
    const scrolled = shelf.scrollTop;
    fill(
      shelf,
      el(
        "ul",
        {},
        el(
          "li",
          {},
          el(
            "a",
            { href: address("changes"), "aria-current": rest[0] === "changes" && rest.length === 1 ? "page" : null },
            "What changed",
          ),
        ),
      ),
      all.map((api) => [
        el("h2", {}, api.name),
        api.collections.length
          ? el(
              "ul",
              {},
              api.collections.map((one) =>
                el(
                  "li",
                  {},
                  el(
                    "a",
                    {
                      href: address(api.name, one.name),
                      "aria-current": api.name === rest[0] && one.name === rest[1] ? "page" : null,
                    },
                    one.name,
                    " ",
                    el("span", { class: "count" }, one.count),
                  ),
                ),
              ),
            )
          : el("p", { class: "faint" }, "keeps no records"),
      ]),
    );
    shelf.scrollTop = scrolled;
    return all;
  }

  const all = await load();
  seeCurrent(shelf);
  if (rest[0] === "changes" && rest.length === 1) {
    await showChanges(context, area);
    return;
  }
  if (!rest.length) {
    const first = all.find((api) => api.collections.length);
    if (first) rest.push(first.name, first.collections[0].name);
    await load();
  }
  const collection = all.find((api) => api.name === rest[0])?.collections.find((one) => one.name === rest[1]);
  if (!collection) {
    fill(
      area,
      el(
        "p",
        { class: "empty" },
        rest.length ? `There is no collection ${rest.join("/")}.` : "Nothing that is served keeps records.",
      ),
    );
    return;
  }
  const shown = new CollectionView(context, rest[0], collection, load);
  fill(area, shown.node);
  await shown.load();
  const reload = gathered(() => !signal.aborted && attempt(() => Promise.all([load(), shown.load()])), RELOADED_AFTER);
  client.follow("/requests/stream", {
    query: { summary: true },
    signal,
    onEvent: (entry) => {
      if (entry.method !== "GET") reload();
    },
  });
  repeated(() => shown.look(), LOOKED_EACH, signal);
  document.title = `${collection.name} · ${world} · mockserver`;
}

/** Scrolls the list, and not the page, to what is shown. */
function seeCurrent(shelf) {
  const current = shelf.querySelector("[aria-current]");
  if (current) shelf.scrollTop = current.offsetTop - shelf.offsetTop - shelf.clientHeight / 2;
}

/** One collection: its table, and what is done to its records. */
class CollectionView {
  constructor({ client, signal, refreshWorlds }, api, collection, loadShelf) {
    Object.assign(this, { client, signal, api, collection, loadShelf, refreshWorlds });
    this.pager = new Pager({ size: PAGE, what: "records", onTurn: () => attempt(() => this.load()) });
    this.place = el("div");
    this.text = "";
    const find = gathered(() => !signal.aborted && attempt(() => this.load()), FOUND_AFTER);
    const input = el("input", {
      type: "search",
      "aria-label": "Find records by text",
      placeholder: "Find records…",
      spellcheck: "false",
      on: {
        input: () => {
          this.text = input.value;
          this.pager.page = 0;
          find();
        },
      },
    });
    this.node = el(
      "section",
      {},
      el(
        "div",
        { class: "head" },
        el("h2", {}, collection.name),
        input,
        button("Add a record", () => attempt(() => this.add()), { class: "primary small", icon: "more" }),
      ),
      this.place,
      this.pager.node,
    );
  }

  async load() {
    const offset = this.pager.page * PAGE;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const { records, meta } = await this.client.get(
      path("state", this.api, this.collection.name),
      { limit: PAGE, offset, text: this.text },
      { signal: this.signal },
    );
    if (turn !== this.turn) return; // Another text was entered meanwhile.
    this.total = meta.total;
    if (!records.length && offset) {
      this.pager.count(meta.total);
      await this.load();
      return;
    }
    this.pager.count(meta.total);
    const columns = this.columns(records);
    const names = columns.map((column) => column.title).join("\n");
    if (names !== this.names) {
      this.names = names;
      this.table = new Table({
        caption: `Records of ${this.collection.name}`,
        columns,
        key: (record) => write(record),
        opens: true,
      });
      fill(this.place, this.table.node);
    }
    this.table.empty.textContent = this.text ? NONE_FOUND : NO_RECORDS;
    this.table.show(records);
  }

  /** Looks whether others changed something without a request to the API: a test, a reset, another page. */
  async look() {
    const before = this.total;
    await this.load();
    if (this.total !== before) await this.loadShelf();
  }

  columns(records) {
    const { idMember } = this.collection;
    const names = [...new Set(records.flatMap((record) => Object.keys(record)))].filter(
      (name) => name !== idMember && !name.startsWith("_"),
    );
    const isPlain = (name) =>
      records.every(
        (record) => record[name] === undefined || record[name] === null || typeof record[name] !== "object",
      );
    const shown = [...names.filter(isPlain), ...names.filter((name) => !isPlain(name))].slice(0, MOST_COLUMNS);
    return [
      {
        title: idMember,
        class: "id",
        cell: (record) =>
          button(textOf(record[idMember]), () => attempt(() => this.edit(record)), {
            class: "link",
            title: `Edit ${textOf(record[idMember])}`,
          }),
      },
      ...shown.map((name) => ({ title: name, class: "value", cell: (record) => valueOf(record[name]) })),
      {
        title: "Actions",
        hidden: true,
        class: "act",
        cell: (record) =>
          button("", () => this.remove(record), {
            class: "quiet",
            icon: "bin",
            "aria-label": `Delete ${textOf(record[idMember])}`,
          }),
      },
    ];
  }

  async schema() {
    if (!documents.has(this.api))
      documents.set(this.api, new Schemas(await this.client.get(path("apis", this.api, "openapi.json"))));
    const schemas = documents.get(this.api);
    const { schema } = this.collection;
    return {
      schemas,
      schema: schema
        ? schemas.resolved({ $ref: `#/components/schemas/${schema.replaceAll("~", "~0").replaceAll("/", "~1")}` })
        : {},
    };
  }

  addressOf(record) {
    return path("state", this.api, this.collection.name, textOf(record[this.collection.idMember]));
  }

  async edit(record) {
    const { schema, schemas } = await this.schema();
    const { idMember } = this.collection;
    const editor = new ValueEditor({
      schema,
      schemas,
      value: record,
      first: idMember,
      isFixed: true,
      label: "The record as JSON",
    });
    const save = () =>
      this.keep(editor, (value) => {
        const gone = Object.keys(record).some((name) => !Object.hasOwn(value, name));
        if (gone) return this.client.put(this.addressOf(record), value);
        const changed = Object.entries(value).filter(
          ([name, item]) => !Object.hasOwn(record, name) || !same(item, record[name]),
        );
        return changed.length ? this.client.patch(this.addressOf(record), Object.fromEntries(changed)) : record;
      });
    const kept = await dialog({
      title: `${this.collection.name} · ${textOf(record[idMember])}`,
      body: editor.node,
      wide: true,
      actions: [{ label: "Save", kind: "primary", run: save }],
    });
    if (kept !== undefined) await this.done("The record is saved.");
  }

  async add() {
    const { schema, schemas } = await this.schema();
    const value = await newRecord(this.client, this.api, this.collection, schema, schemas);
    const editor = new ValueEditor({
      schema,
      schemas,
      value,
      first: this.collection.idMember,
      label: "The new record as JSON",
    });
    const save = () =>
      this.keep(editor, (value) => this.client.post(path("state", this.api, this.collection.name), value));
    const kept = await dialog({
      title: `A record of ${this.collection.name}`,
      body: editor.node,
      wide: true,
      actions: [{ label: "Add", kind: "primary", run: save }],
    });
    if (kept !== undefined) await this.done("The record is there.");
  }

  /** Reads the editor and sends its value; what is wrong with it is shown at the fields. */
  async keep(editor, send) {
    try {
      return (await send(editor.read())) ?? true;
    } catch (error) {
      if (!error.violations?.length) throw error;
      editor.showErrors(error.violations);
      throw new Error(
        error.violations.length === 1 ? "One value does not fit." : `${error.violations.length} values do not fit.`,
      );
    }
  }

  async remove(record) {
    const id = textOf(record[this.collection.idMember]);
    if (
      !(await confirmed(
        `Delete ${id}?`,
        `The record goes from ${this.collection.name}, with what its API does when one goes.`,
        "Delete",
      ))
    )
      return;
    await attempt(async () => {
      await this.client.delete(this.addressOf(record));
      await this.done(`${id} is deleted.`);
    });
  }

  async done(said) {
    toast(said);
    await Promise.all([this.load(), this.loadShelf()]);
  }
}

function textOf(value) {
  return typeof value === "string" ? value : write(value ?? null);
}

function valueOf(value) {
  if (value === undefined) return "";
  if (value === null || typeof value === "boolean") return el("span", { class: "faint" }, String(value));
  if (typeof value === "object" && !(value instanceof NumberText))
    return el("code", { class: "faint", title: write(value, 2).slice(0, 2000) }, write(value).slice(0, 200));
  return el("span", { title: String(value).slice(0, 2000) }, String(value).slice(0, 200));
}
