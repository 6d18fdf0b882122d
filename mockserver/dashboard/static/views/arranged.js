// What a test made of a request begins with: the records that the address names, and what it cannot know by itself.

import { write } from "../json.js";
import { python } from "./snippets.js";

const OF_STATE = new Set([409, 410, 412, 428, 429]);
const NOTE = "    # ";

/**
 * The lines before the request: the named records as they are now, where they are not those of the fixtures, and comments
 * where the answer depended on earlier requests. `changes` is what changed in the world; `collections` are those of the API.
 */
export function arrangedFor(entry, changes, collections) {
  const found = Object.entries(changes?.apis[entry.api] ?? {}).map(([name, records]) => ({
    ...records,
    name,
    idMember: collections.find((one) => one.name === name)?.idMember ?? "id",
  }));
  const named = partsOf(entry.request.url).flatMap(([before, part]) => recordsNamed(before, part, found));
  const isGone = entry.response.status === 404 || entry.response.status === 410;
  return [...dependencies(entry, named), ...(isGone ? [] : named.filter((one) => one.line).flatMap(linesOf))];
}

/** The parts of the path, each with the one before it. */
function partsOf(url) {
  const parts = url.split("?")[0].split("/").map(decoded);
  return parts.map((part, at) => [parts[at - 1] ?? "", part]).filter(([, part]) => part !== "");
}

/** The records whose id the part is: those of the collection that the part before it names, else of the only one that has it. */
function recordsNamed(before, part, found) {
  const isIt = (id) => String(id) === part;
  const all = found.flatMap(({ name, idMember, created, changed, deleted }) => [
    ...created.filter((one) => isIt(one[idMember])).map((one) => ({ name, line: `insert(${python(one, 1)})` })),
    ...changed
      .filter((one) => isIt(one.id))
      .map(({ id, after }) => ({ name, line: `update(${python(id)}, ${python(after, 1)})`, isChanged: true })),
    ...deleted.filter((one) => isIt(one[idMember])).map(() => ({ name, isDeleted: true })),
  ]);
  const called = all.filter(({ name }) => stem(name) === stem(before));
  if (called.length) return called;
  return /^\d+$/.test(part) || new Set(all.map(({ name }) => name)).size > 1 ? [] : all;
}

/** A name of a collection or of a part of a path, without what differs between one and several. */
function stem(name) {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replace(/ies$/, "y")
    .replace(/e?s$/, "");
}

function linesOf({ name, line, isChanged }) {
  const call = `    api.state[${python(name)}].${line}`;
  return isChanged ? [`${NOTE}The record as it is now; earlier requests changed it.`, call] : [call];
}

/** What earlier requests had to do with the answer, in comments. */
function dependencies({ request, response, violations, answeredBy }, named) {
  const { status } = response;
  const isReplayed = Object.keys(response.headers).some((name) => /replayed/i.test(name));
  const key = Object.keys(request.headers).find((name) => /idempotency/i.test(name));
  const isRefused = status >= 400 && status < 500 && !violations.length;
  const notes = [];
  if (key && (isReplayed || (isRefused && (status === 409 || status === 422))))
    notes.push(`The answer depended on an earlier request with the same ${key}: make that one here first.`);
  else if (isReplayed) notes.push("The answer of an earlier request was given again: make that one here first.");
  else if (/^(stub|next|fault)/.test(answeredBy))
    notes.push(`It was answered by ${write(answeredBy)}, which has to be added here first.`);
  else if (isRefused && (OF_STATE.has(status) || status === 422))
    notes.push("The answer may have depended on earlier requests: make those here first.");
  if (status === 404 && named.some((one) => one.isDeleted))
    notes.push("The record that the address names was deleted by an earlier request: delete it here first.");
  if (request.method === "DELETE" && status < 300 && !named.length)
    notes.push("If an earlier request made what is deleted here, it has to be made here first.");
  return notes.map((text) => NOTE + text);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
