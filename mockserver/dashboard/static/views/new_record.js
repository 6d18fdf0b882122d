// What the form of a new record begins with.

import { SITE, path } from "../client.js";
import { NumberText, isObject } from "../json.js";
import { firstValue, typesOf } from "../schema.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/**
 * The members that the schema requires, with an id of its own. Those that only the server sets have what it would set: times
 * of the world, fresh ids, and what the newest record has. The mock's own members are those of the newest record.
 */
export async function newRecord(client, api, { name, idMember }, schema, schemas) {
  const where = path("state", api, name);
  const { meta } = await client.get(where, { limit: 1 });
  const newest = meta.total ? (await client.get(where, { limit: 1, offset: meta.total - 1 })).records[0] : {};
  const { now } = await client.get("/clock");
  const first = firstValue(schema, schemas);
  const id = typeof newest[idMember] === "number" ? newest[idMember] + 1 : newIdOf(schemas.resolved(schema.properties?.[idMember]), newest[idMember]);
  const made = Object.entries(isObject(first) ? first : {})
    .filter(([member]) => member !== idMember)
    .map(([member, value]) => {
      const known = schemas.resolved(schema.properties?.[member]);
      return [member, known.readOnly && isEmpty(value) ? setByServer(known, schemas, renamed(newest[member], newest[idMember], id), now) : value];
    });
  const own = Object.entries(newest).filter(([member]) => member.startsWith("_"));
  return { [idMember]: id, ...Object.fromEntries(made), ...Object.fromEntries(own) };
}

function isEmpty(value) {
  return value === "" || (isObject(value) ? Object.values(value).every(isEmpty) : Array.isArray(value) && !value.length);
}

/** A value that a client does not send: `before` is that of the newest record. */
function setByServer(schema, schemas, before, now) {
  if (schema.format === "date-time") return now;
  if (schema.format === "date") return now.slice(0, 10);
  if (schema.format === "uuid") return crypto.randomUUID?.() ?? before ?? "";
  if (before !== undefined && before !== null) return before;
  const [type] = typesOf(schema);
  if (type === "object") {
    const needed = (schema.required ?? []).map((name) => [name, setByServer(schemas.resolved(schema.properties?.[name]), schemas, undefined, now)]);
    return Object.fromEntries(needed);
  }
  if (type === "array") return [];
  if (type === "boolean") return false;
  const first = firstValue(schema, schemas);
  if (first !== "") return first;
  if (type === "integer" || type === "number") return least(schema, type);
  if (schema.format === "uri" || schema.format === "url") return `${SITE}/`;
  if (schema.format === "email") return "someone@example.com";
  return "x".repeat(schema.minLength ?? 0);
}

function least({ minimum, exclusiveMinimum, maximum }, type) {
  const step = type === "integer" ? 1 : 0.5;
  const low = typeof exclusiveMinimum === "number" ? exclusiveMinimum + step : Number(minimum ?? 0);
  const number = Math.min(low, Number(maximum ?? low));
  return Number.isInteger(number) ? number : new NumberText(String(number));
}

/** The value with the new id in the place of the newest record's, such as in an address of it. */
function renamed(value, before, id) {
  if (typeof value === "string") return before === undefined ? value : value.split("/").map((part) => (part === String(before) ? String(id) : part)).join("/");
  if (Array.isArray(value)) return value.map((item) => renamed(item, before, id));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, renamed(item, before, id)]));
}

function newIdOf(schema, neighbour) {
  if (schema.format === "uuid" || UUID.test(neighbour ?? "")) return crypto.randomUUID?.() ?? "";
  return typesOf(schema)[0] === "integer" ? 1 : "";
}
