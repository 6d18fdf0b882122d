// What changed in a world since it began: records created, changed and deleted.

import { path } from "../client.js";
import { button, el, fill, gathered } from "../dom.js";
import { jsonView } from "../json_view.js";
import { write } from "../json.js";
import { attempt } from "../talk.js";

const RELOADED_AFTER = 400;
const MOST = 100;
const SHOWN = 120;
const BEGAN = { fixtures: "the records of the fixtures", import: "an import" };

/** Shows the difference in `area`, and again when clients write. */
export async function showChanges({ client, world, signal }, area) {
  let drawn = "";
  const look = async () => {
    const found = await client.get(path("worlds", world, "diff"), {}, { signal });
    if (write(found) === drawn) return;
    drawn = write(found);
    draw(area, found, () => attempt(look));
  };
  await look();
  const lookLater = gathered(() => !signal.aborted && attempt(look), RELOADED_AFTER);
  const onEvent = (entry) => entry.method === "GET" || lookLater();
  client.follow("/requests/stream", { query: { summary: true }, signal, onEvent });
}

function draw(area, { since, counts, apis }, again) {
  const from = BEGAN[since] ?? since.replace(":", " ");
  const none = !counts.created && !counts.changed && !counts.deleted;
  fill(
    area,
    el(
      "div",
      { class: "head" },
      el("h2", {}, "What changed"),
      button("Look again", again, { class: "small" }),
    ),
    el("p", { class: "faint" }, `Since this world began with ${from}.`),
    none
      ? el("p", { class: "empty" }, "Nothing changed.")
      : el(
          "p",
          {},
          el("span", { class: "tag good" }, `${counts.created} created`),
          el("span", { class: "tag warn" }, `${counts.changed} changed`),
          el("span", { class: "tag bad" }, `${counts.deleted} deleted`),
        ),
    Object.entries(apis).map(([api, collections]) =>
      Object.entries(collections).map(([name, found]) =>
        el(
          "section",
          { class: "side-by-side" },
          el("h3", {}, `${api} / ${name}`),
          records(found.created, "created", "good"),
          limited(found.changed, (change) => changed(change)),
          records(found.deleted, "deleted", "bad"),
        ),
      ),
    ),
  );
}

function records(found, word, kind) {
  return limited(found, (record) =>
    el(
      "details",
      {},
      el("summary", {}, el("span", { class: `tag ${kind}` }, word), el("code", {}, cut(write(record)))),
      jsonView(record, { label: `Record ${word}` }),
    ),
  );
}

function cut(text) {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function limited(found, show) {
  return [
    found.slice(0, MOST).map(show),
    found.length > MOST ? el("p", { class: "faint" }, `and ${found.length - MOST} more`) : null,
  ];
}

function changed({ id, before, after }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const title = `Changes of ${id}`;
  return el(
    "details",
    { open: true },
    el("summary", {}, el("span", { class: "tag warn" }, "changed"), el("code", {}, String(id))),
    el(
      "table",
      { class: "pairs sides-of-change" },
      el("caption", { class: "unseen" }, title),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["Member", "Before", "Now"].map((name) => el("th", { scope: "col" }, name)),
        ),
      ),
      el(
        "tbody",
        {},
        names.map((name) => el("tr", {}, el("th", { scope: "row", title: name }, name), side(before, name), side(after, name))),
      ),
    ),
  );
}

function side(record, name) {
  return el("td", {}, Object.hasOwn(record, name) ? write(record[name]) : el("span", { class: "faint" }, "not there"));
}
