// What the world sends by itself: webhooks with their attempts, sent again where that is wanted.

import { path } from "../client.js";
import { button, el, fill, newId, repeated } from "../dom.js";
import { jsonView } from "../json_view.js";
import { write } from "../json.js";
import { Pager, Table } from "../table.js";
import { attempt, confirmed, toast } from "../talk.js";

const PAGE = 50;
const RELOADED_EACH = 2000;
const MOST = 1000;
const KINDS = { delivered: "good", failed: "bad", due: "warn" };

/** The list, or the delivery whose number is in the address. */
export async function show(context) {
  await (context.rest.length ? showDelivery(context) : showList(context));
}

async function showList({ client, place, signal, address, world }) {
  let deliveries = [];
  const state = el("select", { id: newId("state"), on: { change: () => attempt(load) } },
    [["", "Any state"], ["due", "Due"], ["delivered", "Delivered"], ["failed", "Failed"]].map(([value, title]) => el("option", { value }, title)));
  const table = new Table({
    caption: `Webhooks of the world ${world}`, key: (row) => `${row.id} ${row.state} ${row.attempts.length} ${row.due}`,
    empty: "Nothing was sent. Webhooks leave when an API announces what happened to its records.",
    columns: [
      { title: "Created", class: "time", cell: (row) => el("time", { datetime: row.created, title: row.created }, row.created.slice(0, 19).replace("T", " ")) },
      { title: "Event", cell: (row) => el("a", { href: address(row.id) }, row.event) },
      { title: "API", cell: (row) => row.api },
      { title: "To", class: "path", cell: (row) => el("span", { title: row.url }, row.url) },
      { title: "State", cell: (row) => stateOf(row) },
      { title: "Attempts", class: "number", cell: (row) => row.attempts.length },
      { title: "Answer", cell: (row) => answerOf(row.attempts.at(-1)) },
      { title: "Due", class: "time", cell: (row) => row.due?.slice(0, 19).replace("T", " ") ?? "" },
    ],
  });
  const pager = new Pager({ size: PAGE, what: "webhooks", onTurn: draw });

  function draw() {
    pager.count(deliveries.length);
    table.show(deliveries.slice(pager.page * PAGE, (pager.page + 1) * PAGE));
  }

  async function load() {
    ({ deliveries } = await client.get("/outbox", { state: state.value, limit: MOST }, { signal }));
    draw();
  }

  const settle = () => attempt(async () => {
    const { settled } = await client.post("/outbox/settle", { timeout: 5 });
    toast(settled ? "All that was due is sent." : "Something that was due is not sent yet.");
    await load();
  });
  const empty = async () => {
    if (!(await confirmed("Empty the outbox?", "What waits is not sent, and what was sent is forgotten.", "Empty it"))) return;
    await attempt(async () => {
      await client.delete("/outbox");
      toast("The outbox is empty.");
      await load();
    });
  };
  fill(place,
    el("div", { class: "head" }, el("h1", {}, "Outbox"), button("Wait until all is sent", settle, { class: "small" }), button("Empty", empty, { class: "small", icon: "bin" })),
    el("div", { class: "filters" }, el("div", { class: "field" }, el("label", { for: state.id }, "State"), state)),
    table.node, pager.node);
  await load();
  repeated(load, RELOADED_EACH, signal);
}

async function showDelivery({ client, place, rest, signal, address }) {
  const body = el("div");
  const load = async () => draw(await client.get(path("outbox", rest[0]), {}, { signal }));
  const replay = () => attempt(async () => {
    draw(await client.post(path("outbox", rest[0], "replay")));
    toast("It is sent once more.");
  });
  fill(place, el("p", {}, el("a", { class: "back", href: address() }, "All webhooks")), body);
  let drawn = "";

  function draw(one) {
    const text = write(one);
    if (text === drawn) return;
    drawn = text;
    const held = place.contains(document.activeElement) && document.activeElement.textContent;
    fill(body,
      el("div", { class: "head" }, el("h1", { class: "asked" }, one.event), stateOf(one), button("Send once more", replay, { class: "primary small" })),
      facts(one),
      el("div", { class: "sides" },
        el("section", { class: "side-by-side" }, el("h2", {}, "Attempts"), one.attempts.length ? el("ol", { class: "attempts" }, one.attempts.map(attemptLine)) : el("p", { class: "faint" }, "None yet.")),
        el("section", { class: "side-by-side" }, el("h2", {}, "Body"), bodyOf(one))));
    if (held) [...body.querySelectorAll("button")].find((each) => each.textContent === held)?.focus();
  }

  await load();
  repeated(load, RELOADED_EACH, signal);
}

function facts(one) {
  const rows = [["Number", one.id], ["API", one.api], ["To", one.url], ["Created", one.created], ["Next attempt", one.due ?? "none"],
    ["Signed with", one.secret ?? "nothing"], ["Waits at most", `${Number(one.timeout)} s`], ["Between attempts", one.delays.length ? one.delays.map((delay) => `${Number(delay)} s`).join(", ") : "no further ones"]];
  return el("dl", { class: "facts" }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function attemptLine(one) {
  return el("li", {}, el("time", { datetime: one.at }, one.at.slice(0, 19).replace("T", " ")), " ", answerOf(one), " ", el("span", { class: "faint" }, `${one.tookMs} ms`),
    one.answer ? el("pre", {}, one.answer) : null);
}

function bodyOf(one) {
  const label = "Body of the webhook";
  if (one.bodyEncoding === "json") return jsonView(one.body, { label });
  return one.body === null ? el("p", { class: "faint" }, "None.") : el("pre", { tabindex: "0", role: "region", "aria-label": label }, String(one.body));
}

function stateOf({ state }) {
  return el("span", { class: `tag ${KINDS[state] ?? ""}` }, state);
}

function answerOf(one) {
  if (!one) return el("span", { class: "faint" }, "not tried");
  if (one.status === null) return el("span", { class: "tag bad", title: one.error }, one.error);
  return el("span", { class: `status s${String(one.status)[0]}` }, one.status);
}
