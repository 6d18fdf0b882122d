// The requests of a world as they come, filtered; one opened is `request_detail.js`.

import { button, el, fill, gathered, newId, repeated } from "../dom.js";
import { same } from "../json.js";
import { statusOf } from "../status_mark.js";
import { Pager, Table } from "../table.js";
import { announce, attempt, confirmed, toast } from "../talk.js";
import { showRequest } from "./request_detail.js";

const MOST = 1000;
const PAGE = 50;
const REDRAWN_AFTER = 120;
const RUSH = { entries: 20, redrawnAfter: 300 };
const TOLD_AFTER = 5000;
const LOOKED_EACH = 3000;
const LOOKED_AT = 20;
const STATUSES = [
  ["", "Any status"],
  ["2", "2xx success"],
  ["3", "3xx redirect"],
  ["4", "4xx refused"],
  ["5", "5xx failed"],
  ["0", "No answer"],
];
const OFF = "The journal is off: the server was started with --journal 0.";
const NONE_FITS = "No request fits.";
const filters = new Map();

/** The list, or the request whose number the address has. */
export function show(context) {
  return context.rest.length ? showRequest(context) : showList(context);
}

async function showList(context) {
  const { client, place, signal, world } = context;
  const filter = filters.get(world) ?? filters.set(world, { text: "", api: "", status: "", wrong: false, page: 0 }).get(world);
  let entries = [];
  let waiting = [];
  let arrived = [];
  let newest = 0;
  let isRush = false;
  let isLive = true;
  let untold = 0;
  let note = "";
  let isOff = false;

  const state = el("span", { class: "live waits", role: "status" }, "connecting");
  const table = new Table({
    caption: "Requests, newest first",
    columns: columns(context),
    key: (row) => row.id,
    opens: true,
    rowClass: (row) => (row.broken ? "broken" : row.violations ? "violated" : null),
  });
  const pager = new Pager({ size: PAGE, what: "requests", onTurn: () => draw() });
  pager.page = filter.page;
  const held = button("", () => hold(false), { class: "small primary", hidden: true });
  const pause = button("Pause", () => hold(isLive), { class: "small", "aria-pressed": "false" });
  const apis = el("select", { id: newId("api"), on: { change: () => change("api", apis.value) } });

  /** Puts what arrived since the last drawing in front of the others, or of those that wait. */
  function take() {
    isRush = arrived.length > RUSH.entries;
    if (isLive) entries = [...arrived.reverse(), ...entries].slice(0, MOST);
    else waiting = [...arrived.reverse(), ...waiting].slice(0, MOST);
    arrived = [];
  }

  function draw() {
    take();
    const shown = entries.filter((entry) => fits(entry, filter));
    pager.count(shown.length, note);
    filter.page = pager.page;
    table.empty.textContent = isOff ? OFF : entries.length || waiting.length ? NONE_FITS : `Nothing was sent to the world ${world} yet. Send it a request, and it is here.`;
    table.show(shown.slice(pager.page * PAGE, (pager.page + 1) * PAGE));
    held.hidden = !waiting.length;
    held.textContent = `${waiting.length} new`;
  }

  function change(name, value) {
    filter[name] = value;
    pager.page = 0;
    draw();
    announceLater();
  }

  function hold(isHeld) {
    take();
    isLive = !isHeld;
    pause.textContent = isLive ? "Pause" : "Go on";
    pause.setAttribute("aria-pressed", String(!isLive));
    entries = isLive ? [...waiting, ...entries].slice(0, MOST) : entries;
    waiting = isLive ? [] : waiting;
    draw();
  }

  const drawLater = gathered(() => !signal.aborted && draw(), () => (isRush ? RUSH.redrawnAfter : REDRAWN_AFTER));
  const announceLater = gathered(() => !signal.aborted && announce(pager.told.textContent || "No request fits."), 800);
  const tellLater = gathered(() => {
    if (!signal.aborted) announce(`${untold} new requests`);
    untold = 0;
  }, TOLD_AFTER);

  async function load() {
    const listed = await client.get("/requests", { summary: true, limit: MOST }, { signal });
    const gone = listed.meta.dropped + listed.meta.total - listed.requests.length;
    note = gone ? `; older ones that are not shown: ${gone.toLocaleString("en")}` : "";
    isOff = listed.requestJournalDisabled;
    entries = listed.requests;
    newest = entries[0]?.id ?? 0;
    [waiting, arrived] = [[], []];
    table.forget();
    draw();
  }

  function arrive(entry) {
    if (entry.id <= newest) {
      attempt(load);
      return;
    }
    newest = entry.id;
    arrived.push(entry);
    untold += 1;
    tellLater();
    drawLater();
  }

  /** Looks whether the journal was emptied elsewhere, and has others under the same numbers by now. */
  async function look() {
    const { requests } = await client.get("/requests", { summary: true, limit: LOOKED_AT }, { signal });
    const shown = new Map([...arrived, ...waiting, ...entries].map((entry) => [entry.id, entry]));
    const isOther = requests.some((entry) => shown.has(entry.id) && !same(shown.get(entry.id), entry));
    if (isOther || (requests[0]?.id ?? 0) < newest) await load();
  }

  async function clear() {
    if (
      !(await confirmed(
        "Empty the journal?",
        `All requests of the world ${world} are forgotten. Its records stay.`,
        "Empty it",
      ))
    )
      return;
    await attempt(async () => {
      await client.delete("/requests");
      await load();
      toast("The journal is empty.");
    });
  }

  const text = el("input", {
    type: "search",
    id: newId("text"),
    value: filter.text,
    placeholder: "path, operation, what answered…",
    spellcheck: "false",
    on: { input: () => change("text", text.value) },
  });
  const status = el(
    "select",
    { id: newId("status"), on: { change: () => change("status", status.value) } },
    STATUSES.map(([value, title]) => el("option", { value, selected: value === filter.status }, title)),
  );
  const wrong = el("input", {
    type: "checkbox",
    checked: filter.wrong,
    on: { change: () => change("wrong", wrong.checked) },
  });
  fill(
    place,
    el(
      "div",
      { class: "head" },
      el("h1", {}, "Requests"),
      state,
      held,
      pause,
      button("Empty", clear, { class: "small", icon: "bin" }),
    ),
    el(
      "form",
      {
        class: "filters",
        role: "search",
        "aria-label": "Filter the requests",
        on: { submit: (event) => event.preventDefault() },
      },
      field("Text", text),
      field("API", apis),
      field("Status", status),
      el("label", { class: "check" }, wrong, "Only with violations"),
    ),
    table.node,
    pager.node,
  );

  const known = await client.get("/apis", {}, { signal });
  fill(
    apis,
    el("option", { value: "" }, "Any API"),
    known.apis.map((api) => el("option", { value: api.name, selected: api.name === filter.api }, api.name)),
  );
  await load();
  addEventListener(
    "server",
    ({ detail: isThere }) => {
      state.textContent = isThere ? "live" : "no answer";
      state.classList.toggle("lost", !isThere);
      if (isThere) attempt(load);
    },
    { signal },
  );
  repeated(look, LOOKED_EACH, signal);
  client.follow("/requests/stream", {
    query: { summary: true },
    last: newest,
    onEvent: arrive,
    signal,
    onState: (isOpen, error) => {
      state.textContent = isOpen ? "live" : "connection lost";
      state.classList.remove("waits");
      state.classList.toggle("lost", !isOpen);
      if (error) state.title = error.message;
    },
  });
}

function field(title, control) {
  return el("div", { class: "field" }, el("label", { for: control.id }, title), control);
}

function columns({ address }) {
  return [
    {
      title: "Time, UTC",
      class: "time",
      cell: (row) => el("time", { datetime: row.at, title: row.at }, timeOf(row.at)),
    },
    { title: "Method", class: "method", cell: (row) => row.method },
    { title: "Path", class: "path", cell: (row) => el("a", { href: address(row.id), title: row.url }, row.url) },
    { title: "Status", class: "status", cell: (row) => statusOf(row.status, row.fault) },
    { title: "ms", class: "number", cell: (row) => Number(row.tookMs).toFixed(1) },
    {
      title: "Answered by",
      class: "by",
      cell: (row) => el("span", { title: [row.operation, row.answeredBy].filter(Boolean).join(" ") }, row.operation ? [el("b", {}, row.operation), " "] : null, byOf(row)),
    },
    { title: "Remarks", class: "remarks", cell: remarks },
  ];
}

/** The time of the day in UTC, with the date where it is not today's. */
function timeOf(at) {
  const isToday = at.slice(0, 10) === new Date().toISOString().slice(0, 10);
  return isToday ? at.slice(11, 23) : `${at.slice(0, 10)} ${at.slice(11, 23)}`;
}

function byOf(row) {
  return el("span", { class: "faint" }, row.answeredBy);
}

function remarks(row) {
  return [
    row.broken ? el("span", { class: "tag bad" }, `${row.broken} broken`) : null,
    row.violations ? el("span", { class: "tag warn" }, counted(row.violations, "violation")) : null,
    row.assumptions.length
      ? el("span", { class: "tag", title: row.assumptions.join("\n") }, counted(row.assumptions.length, "assumption"))
      : null,
  ];
}

function counted(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function fits(entry, { text, api, status, wrong }) {
  if (api && entry.api !== api) return false;
  if (status && String(Math.floor(entry.status / 100)) !== status) return false;
  if (wrong && !entry.violations && !entry.broken) return false;
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return !wanted.length || wanted.every((word) => textOf(entry).includes(word));
}

const texts = new WeakMap();

/** All that is searched of an entry, in small letters. */
function textOf(entry) {
  const { method, url, status, operation, answeredBy, assumptions } = entry;
  if (!texts.has(entry)) texts.set(entry, `${method} ${url} ${status} ${operation ?? ""} ${answeredBy} ${assumptions.join(" ")}`.toLowerCase());
  return texts.get(entry);
}
