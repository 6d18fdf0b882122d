// World time: as it is, stopped, moved on; and what waits for it.

import { button, el, fill, newId, repeated } from "../dom.js";
import { attempt, toast } from "../talk.js";

const STEPS = [["1 minute", "1m"], ["1 hour", "1h"], ["1 day", "1d"], ["30 days", "30d"]];
const RELOADED_EACH = 3000;
const SHOWN = 50;

/** The clock of the world, and the deliveries that wait for a time. */
export async function show(context) {
  const { client, place, signal, world } = context;
  const [time, state, due] = [el("time", { class: "moment" }), el("span", { class: "tag" }), el("div")];
  let clock;

  function draw() {
    if (!clock) return;
    const now = clock.frozen ? clock.epoch : clock.epoch + (Date.now() - clock.taken) / 1000;
    time.textContent = shown(now);
    time.dateTime = new Date(now * 1000).toISOString();
  }

  function take(answer) {
    clock = { ...answer, epoch: Number(answer.epoch), taken: Date.now() };
    const offset = Math.round(Number(clock.offset));
    state.textContent = clock.frozen ? "stands still" : offset ? `runs, ${span(Math.abs(offset))} ${offset > 0 ? "ahead of" : "behind"} this machine` : "runs with this machine";
    state.className = `tag ${clock.frozen ? "warn" : "good"}`;
    freeze.textContent = clock.frozen ? "Set" : "Freeze";
    draw();
  }

  async function load() {
    const [answer, waiting] = await Promise.all([client.get("/clock", {}, { signal }), client.get("/outbox", { state: "due" }, { signal })]);
    take(answer);
    showDue(context, due, waiting.deliveries, clock);
  }

  const run = (where, body, said) => attempt(async () => {
    take(await client.post(`/clock/${where}`, body));
    toast(said);
    await load();
  });
  const wrongAt = el("p", { class: "wrong", role: "alert", id: newId("wrong") });
  const wrongBy = el("p", { class: "wrong", role: "alert", id: newId("wrong") });
  /** Does it, and tells at the field what does not fit it. */
  const enter = (input, wrong, forms, where, body, said) => attempt(async () => {
    wrong.textContent = "";
    input.removeAttribute("aria-invalid");
    try {
      take(await client.post(`/clock/${where}`, body));
    } catch (error) {
      if (!error.violations?.length) throw error;
      wrong.textContent = `${JSON.stringify(input.value.trim())} is no ${forms}.`;
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    toast(said);
    await load();
  });
  const at = el("input", { "aria-describedby": wrongAt.id, id: newId("at"), placeholder: "2027-01-01T00:00:00Z", autocomplete: "off", spellcheck: "false" });
  const by = el("input", { "aria-describedby": wrongBy.id, id: newId("by"), placeholder: "90s, 1h 30m, P3D", autocomplete: "off", spellcheck: "false" });
  const freeze = el("button", { type: "submit" }, "Freeze");
  fill(place,
    el("div", { class: "head" }, el("h1", {}, "Clock"), button("Reset", () => run("reset", {}, "Time is this machine's again."), { class: "small" })),
    el("section", { class: "side-by-side", "aria-label": `The time of ${world}` }, el("p", { class: "now" }, time, " ", state),
      el("form", { class: "filters", on: { submit: (event) => {
        event.preventDefault();
        enter(at, wrongAt, "moment: write one such as 2027-01-01T00:00:00Z", "freeze", at.value.trim() ? { at: at.value.trim() } : {}, "Time stands still.");
      } } }, el("div", { class: "field" }, el("label", { for: at.id }, "Stop it at (empty: now)"), at, wrongAt), freeze),
      el("form", { class: "filters", on: { submit: (event) => {
        event.preventDefault();
        enter(by, wrongBy, "duration: write 90s, 1h 30m or P3D", "advance", { duration: by.value.trim() }, `Time is ${by.value.trim()} later.`);
      } } }, el("div", { class: "field" }, el("label", { for: by.id }, "Advance it by"), by, wrongBy), el("button", { type: "submit" }, "Advance"),
      el("div", { class: "buttons", role: "group", "aria-label": "Advance by" }, STEPS.map(([label, duration]) => button(label, () => run("advance", { duration }, `Time is ${label} later.`), { class: "small", icon: "more" }))))),
    el("section", { "aria-label": "What is due" }, el("div", { class: "head" }, el("h2", {}, "What is due")), due));
  await load();
  const ticks = setInterval(draw, 250);
  signal.addEventListener("abort", () => clearInterval(ticks));
  repeated(load, RELOADED_EACH, signal);
}

function showDue({ addressOf, world }, area, deliveries, clock) {
  const waiting = deliveries.toSorted((one, other) => one.due.localeCompare(other.due)).slice(0, SHOWN);
  const rows = waiting.map((one) => `${one.id} ${one.due} ${one.attempts.length}`).join();
  if (area.rows !== rows) {
    area.rows = rows;
    fill(area, waiting.length ? el("ul", { class: "due" }, waiting.map((one) => el("li", {}, el("time", { datetime: one.due }, shown(Date.parse(one.due) / 1000)), " ",
      el("span", { class: "faint" }), " ", el("a", { href: addressOf(world, "outbox", one.id) }, one.event), " ", el("span", { class: "faint" }, `to ${one.url}, attempt ${one.attempts.length + 1}`))))
      : el("p", { class: "empty" }, "Nothing waits for a time: no webhook is on its way or to be tried again."));
  }
  area.querySelectorAll("li").forEach((line, at) => {
    const seconds = Date.parse(waiting[at].due) / 1000 - clock.epoch;
    line.querySelector(".faint").textContent = seconds > 0 ? `in ${span(seconds)}` : "now";
  });
}

function shown(epoch) {
  return new Date(epoch * 1000).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

/** Seconds in words: `2 d 3 h`. */
function span(seconds) {
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  let left = Math.round(seconds);
  const said = [];
  for (const [unit, size] of parts) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) said.push(`${count} ${unit}`);
  }
  return said.slice(0, 2).join(" ") || "0 s";
}
