// JSON Schemas as forms need them: references followed, the kind of value, the members.

import { isObject, partsOf } from "./json.js";

const MOST_STEPS = 20;

/** Reads schemas of one document: `schemas.at("#/components/schemas/Pet")`. */
export class Schemas {
  constructor(document) {
    this.document = document;
  }

  /** The schema with its references followed and the parts of `allOf` laid over one another. */
  resolved(schema, steps = 0) {
    if (!isObject(schema) || steps > MOST_STEPS) return {};
    let found = schema;
    if (typeof schema.$ref === "string") {
      const { $ref, ...beside } = schema;
      found = { ...this.resolved(this.at($ref), steps + 1), ...beside };
    }
    found = this.withoutNull(found, steps);
    if (!Array.isArray(found.allOf)) return found;
    const { allOf, ...own } = found;
    return [...allOf.map((part) => this.resolved(part, steps + 1)), own].reduce(merged, {});
  }

  /** One schema or null, as many generators write it, is that schema, and null is one of its values. */
  withoutNull(schema, steps) {
    const name = ["anyOf", "oneOf"].find((one) => Array.isArray(schema[one]));
    const others = name ? schema[name].filter((one) => one?.type !== "null") : [];
    if (others.length !== 1 || others.length === schema[name].length) return schema;
    const { [name]: _, ...beside } = schema;
    return { ...this.resolved(others[0], steps + 1), ...beside, nullable: true };
  }

  /** What a reference within the document leads to; undefined for another one. */
  at(reference) {
    if (!reference.startsWith("#")) return undefined;
    return partsOf(safely(reference.slice(1))).reduce((node, name) => node?.[name], this.document);
  }
}

function safely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function merged(one, other) {
  return {
    ...one,
    ...other,
    properties: { ...one.properties, ...other.properties },
    required: [...new Set([...(one.required ?? []), ...(other.required ?? [])])],
  };
}

/** The types that the values may have, without null. */
export function typesOf(schema) {
  const said = [schema.type ?? []].flat().filter((type) => type !== "null");
  if (said.length) return said;
  if (schema.properties) return ["object"];
  if (schema.items) return ["array"];
  if (isObject(schema.additionalProperties)) return ["object"];
  return [];
}

/** Whether null is one of the values. */
export function takesNull(schema) {
  return (
    [schema.type ?? []].flat().includes("null") || schema.nullable === true || (schema.enum?.includes(null) ?? false)
  );
}

/** A value to begin with: the default, an example, the first of the choices, or an empty one of the type. */
export function firstValue(schema, schemas, steps = 0) {
  if (steps > MOST_STEPS) return null;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  const example = schema.examples?.[0] ?? schema.example;
  if (example !== undefined) return example;
  if (schema.enum?.length) return schema.enum[0];
  const [part] = schema.oneOf ?? schema.anyOf ?? [];
  if (part && !typesOf(schema).length) return firstValue(schemas.resolved(part), schemas, steps + 1);
  const [type] = typesOf(schema);
  if (type === "object") {
    const needed = (schema.required ?? []).map((name) => [
      name,
      firstValue(schemas.resolved(schema.properties?.[name]), schemas, steps + 1),
    ]);
    return Object.fromEntries(needed);
  }
  return { array: [], boolean: false, integer: "", number: "", string: "" }[type] ?? (takesNull(schema) ? null : "");
}
