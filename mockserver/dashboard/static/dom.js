// Elements, made of text and attributes alone: no text of a client ever becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children: `el("a", { href: "#/x", on: { click } }, "text")`.
 * Attributes that are null, undefined or false are left out; `true` is an attribute without a value. `on` has listeners,
 * `dataset` has data attributes. Children are nodes, texts, numbers, or arrays of these; null and false are left out.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "value") node.value = value;
    else node.setAttribute(checked(name, value), value === true ? "" : String(value));
  }
  node.append(...flat(children));
  return node;
}

function checked(name, value) {
  if (/^on|^style$|^srcdoc$/i.test(name)) throw new Error(`the attribute ${name} is not set from script`);
  if (/^(href|src|action|formaction)$/i.test(name) && !/^(#|\.?\/|https?:\/\/|blob:)/i.test(String(value))) {
    throw new Error(`${name} leads nowhere that the page knows`);
  }
  return name;
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

/** Puts these children in the place of those that the node has. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

let numbers = 0;

/** An id that no other element has, for labels and descriptions. */
export function newId(prefix = "e") {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

const PATHS = {
  requests: ["M3 4h10M3 8h10M3 12h6"],
  state: ["M3 4c0-2.4 10-2.4 10 0s-10 2.4-10 0v8c0 2.4 10 2.4 10 0V4", "M3 8c0 2.4 10 2.4 10 0"],
  faults: ["M9 1.5 4 9h4l-1 5.5L12 7H8z"],
  clock: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8", "M8 4.5V8l2.4 1.6"],
  outbox: ["M14 2 7 9", "M14 2 9.7 14 7 9 2 6.3z"],
  apis: ["M3 2.5h7.5A2.5 2.5 0 0 1 13 5v8.5H5.5A2.5 2.5 0 0 1 3 11z", "M3 11a2.2 2.2 0 0 1 2.4-2H13"],
  back: ["M10 3 5 8l5 5"],
  close: ["M4 4l8 8M12 4l-8 8"],
  more: ["M8 3.5v9M3.5 8h9"],
  bin: ["M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5"],
};

/** A small drawing that means nothing to a screen reader. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [key, value] of [
    ["viewBox", "0 0 16 16"],
    ["aria-hidden", "true"],
    ["class", "icon"],
  ]) {
    drawing.setAttribute(key, value);
  }
  for (const line of PATHS[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}

/** A button: `button("Add", onAdd, { class: "primary", icon: "more" })`. */
export function button(label, onClick, { icon: drawn, ...attributes } = {}) {
  return el("button", { type: "button", on: { click: onClick }, ...attributes }, drawn ? icon(drawn) : null, label);
}

/** A function that calls `work` once, `wait` milliseconds, or as many as `wait()` says, after the first of several calls. */
export function gathered(work, wait) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      work();
    }, typeof wait === "function" ? wait() : wait);
  };
}

/** Calls `work` every so many milliseconds while the page is seen, until the signal ends it; failures are told elsewhere. */
export function repeated(work, each, signal) {
  const timer = setInterval(() => !document.hidden && work().catch(() => {}), each);
  signal.addEventListener("abort", () => clearInterval(timer));
}
