// The field of a value that may have one of several shapes (`oneOf`, `anyOf`): a choice of the shape, and the field of it.

import { el, fill, newId } from "./dom.js";
import { NumberText, isObject, write } from "./json.js";
import { firstValue, typesOf } from "./schema.js";

/** The shapes that the schema allows, `{ title, schema }`; none where there is nothing to choose. */
export function shapesOf(schema, schemas) {
  const name = ["oneOf", "anyOf"].find((one) => Array.isArray(schema[one]));
  if (!name || schema[name].length < 2) return [];
  const { [name]: parts, discriminator, nullable, ...own } = schema;
  const found = parts.map((part, at) => shapeOf(part, own, discriminator, schemas, at));
  const isDescribed = found.every((one) => isObject(one.schema) && (typesOf(one.schema).length || one.schema.enum || one.schema.const !== undefined || one.isNull));
  if (!isDescribed) return [];
  return nullable && !found.some((one) => one.isNull) ? [...found, NONE] : found;
}

const NONE = { title: "null", schema: { enum: [null] }, isNull: true };

function shapeOf(part, own, discriminator, schemas, at) {
  if (part?.type === "null") return NONE;
  const schema = schemas.resolved({ allOf: [own, part] });
  const last = part?.$ref?.split("/").at(-1);
  const key = discriminator && keyOf(discriminator, part, last, schema);
  const title = key ?? schema.title ?? (last && decodeURIComponent(last)) ?? namedBy(schema, at);
  if (key === undefined || !discriminator.propertyName) return { title, schema };
  const { propertyName } = discriminator;
  const kind = { ...schemas.resolved(schema.properties?.[propertyName]), const: key };
  return { title, schema: { ...schema, properties: { ...schema.properties, [propertyName]: kind } } };
}

function keyOf({ mapping = {} }, part, last, schema) {
  const mapped = Object.entries(mapping).find(([, target]) => target === part?.$ref || (last && target === last));
  return mapped?.[0] ?? (schema.title || last);
}

function namedBy(schema, at) {
  if (schema.const !== undefined) return write(schema.const);
  const needed = schema.properties ? (schema.required ?? Object.keys(schema.properties)).slice(0, 3).join(", ") : "";
  return needed ? `with ${needed}` : typesOf(schema).join(" or ") || `shape ${at + 1}`;
}

/** The field of the value: the shape that is most like it, and another one where that is chosen. */
export function shapeField(form, shapes, value, depth) {
  const place = el("div");
  let field;
  const draw = (shape, shown) => {
    field = form.field(shape.schema, shown, depth, true);
    field.control?.setAttribute("aria-label", "Value");
    fill(place, shape.isNull ? null : field.node);
  };
  const points = shapes.map((shape) => likeness(shape.schema, value, form.schemas));
  const nearest = points.indexOf(Math.max(...points));
  const choice = el("select", { id: newId("shape") }, shapes.map((shape, at) => el("option", { value: at, selected: at === nearest }, shape.title)));
  choice.addEventListener("change", () => {
    const shape = shapes[Number(choice.value)];
    draw(shape, begun(shape.schema, entered(field), form.schemas));
  });
  draw(shapes[nearest], value);
  return {
    node: el("div", { class: "shape" }, el("div", { class: "line" }, el("label", { for: choice.id }, "Shape"), choice), place),
    child: (name) => field.child?.(name),
    read: () => field.read(),
  };
}

function entered(field) {
  try {
    return field.read();
  } catch {
    return undefined;
  }
}

/** What another shape begins with: its own first value, with what was entered for members of the same name. */
function begun(schema, before, schemas) {
  const first = firstValue(schema, schemas);
  if (!isObject(first) || !isObject(before)) return first;
  const known = schema.properties ?? {};
  const kept = Object.entries(before).filter(([name, item]) => Object.hasOwn(known, name) && likeness(schemas.resolved(known[name]), item, schemas) >= 0);
  return { ...first, ...Object.fromEntries(kept) };
}

/** How well the value fits the schema, as far as a form has to know; below 0 it does not. */
function likeness(schema, value, schemas) {
  if (schema.const !== undefined) return write(schema.const) === write(value) ? 3 : -9;
  if (schema.enum) return schema.enum.some((one) => write(one) === write(value)) ? 2 : -9;
  const types = typesOf(schema);
  if (types.length && !types.includes(typeOf(value)) && !(types.includes("number") && typeOf(value) === "integer")) return -9;
  if (!isObject(value)) return 1;
  const known = schema.properties ?? {};
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name)).length;
  const own = Object.entries(value).map(([name, item]) => (Object.hasOwn(known, name) ? Math.sign(likeness(schemas.resolved(known[name]), item, schemas)) * 2 : -1));
  return 1 - missing * 2 + own.reduce((sum, one) => sum + one, 0);
}

function typeOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof NumberText || typeof value === "number") return /^-?\d+$/.test(String(value)) ? "integer" : "number";
  return typeof value;
}
