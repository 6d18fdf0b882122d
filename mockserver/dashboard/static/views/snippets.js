// A request of the journal as code: for the shell, httpx, a browser, and as a test for pytest; and a stub of its answer.

import { SITE, knownToken } from "../client.js";
import { NumberText, isObject, write } from "../json.js";

const LEFT_OUT =
  /^(host|content-length|connection|accept-encoding|user-agent|origin|referer|mock-world|upgrade-insecure-requests|cache-control|pragma|transfer-encoding|te|sec-.*|x-forwarded-.*|forwarded)$/i;
const OF_THE_MOCK = /^(mock-.*|date|content-length|connection|transfer-encoding|server|vary)$/i;
const MASKED = "***";
const WIDTH = 100;

/** What code needs of an entry: its headers without those of the connection, the credential that its API takes, the body. */
export function requestOf(entry, apis) {
  const api = apis.find((one) => one.name === entry.api);
  const { request } = entry;
  const headers = [];
  const cut = [];
  let hasCredential = false;
  for (const [name, value] of Object.entries(request.headers)) {
    if (LEFT_OUT.test(name) || (name.toLowerCase() === "accept" && value === "*/*")) continue;
    const isCredential = name.toLowerCase() === api?.credential?.header.toLowerCase();
    hasCredential ||= isCredential;
    const isKnown = isCredential && value.includes(MASKED) && entry.response.status !== 401;
    const shown = isKnown ? api.credential.value : value;
    if (shown.includes(MASKED)) cut.push(name);
    headers.push({ name, value: shown, isCredential });
  }
  if (request.url.includes(MASKED)) cut.push("the address");
  if (request.body.includes(MASKED)) cut.push("the body");
  return { method: request.method, address: presentAddress(request), headers, cut, hasCredential, api, request };
}

/** The address now: an entry that was kept may be of another port, or of a name that is no more. */
function presentAddress(request) {
  const way = /^[a-z]+:\/\/[^/?]*(.*)$/i.exec(request.absoluteUrl)?.[1] ?? request.url;
  const base = new URL(SITE).pathname.replace(/\/$/, "");
  return new URL(SITE).origin + (base && !way.startsWith(`${base}/`) ? base + way : way);
}

/** A line for the shell. */
export function curlOf(entry, apis) {
  const { method, address, headers, request } = requestOf(entry, apis);
  const parts = [["curl -i", ...curlOptions(method, address, request), quoted(address)].join(" ")];
  parts.push(...headers.map(({ name, value }) => `-H ${quoted(value ? `${name}: ${value}` : `${name};`)}`));
  if (request.bodyEncoding && !hasMediaType(request)) parts.push("-H 'Content-Type:'");
  if (request.bodyEncoding === "base64") {
    return `printf %s ${quoted(request.bodyAsBase64)} | base64 -d | ${[...parts, "--data-binary @-"].join(" \\\n  ")}`;
  }
  if (request.body) parts.push(`--data-raw ${quoted(request.body)}`);
  return parts.join(" \\\n  ");
}

/** What curl would else do by itself: choose the method, expand brackets, tidy the path. */
function curlOptions(method, address, request) {
  const usual = request.bodyEncoding ? "POST" : "GET";
  return [
    method === "HEAD" && !request.bodyEncoding ? "--head" : method === usual ? "" : `-X ${quotedIfNeeded(method)}`,
    /[[\]{}]/.test(address) ? "-g" : "",
    /\/\.{1,2}([/?]|$)/.test(address) ? "--path-as-is" : "",
  ].filter(Boolean);
}

function quotedIfNeeded(text) {
  return /^[A-Za-z]+$/.test(text) ? text : quoted(text);
}

function hasMediaType(request) {
  return Object.keys(request.headers).some((name) => name.toLowerCase() === "content-type");
}

/** A text as one word of a POSIX shell. */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A call of httpx. */
export function httpxOf(entry, apis) {
  const { method, address, headers, request } = requestOf(entry, apis);
  const given = Object.fromEntries(
    headers.filter(({ name }) => !isSaidByJson(name, request)).map(({ name, value }) => [name, value]),
  );
  const rest = [
    python(address),
    ...(Object.keys(given).length ? [`headers=${python(given, 1)}`] : []),
    ...contentOf(request, 1),
  ];
  const imports = request.bodyEncoding === "base64" ? "import base64\n\n" : "";
  return `${imports}import httpx\n\nanswer = httpx.request(\n    ${[python(method), ...rest].join(",\n    ")},\n)\nprint(answer.status_code, answer.text)\n`;
}

/** A call of `fetch`. */
export function fetchOf(entry, apis) {
  const { method, address, headers, request } = requestOf(entry, apis);
  const options = [`method: ${JSON.stringify(method)}`];
  if (headers.length)
    options.push(
      `headers: ${write(Object.fromEntries(headers.map(({ name, value }) => [name, value])), 2).replaceAll("\n", "\n  ")}`,
    );
  if (request.bodyEncoding === "base64")
    options.push(`body: Uint8Array.from(atob(${JSON.stringify(request.bodyAsBase64)}), (one) => one.charCodeAt(0))`);
  else if (request.body && hasMediaType(request)) options.push(`body: ${JSON.stringify(request.body)}`);
  // A text without a media type gets one from the browser; bytes do not.
  else if (request.body) options.push(`body: new TextEncoder().encode(${JSON.stringify(request.body)})`);
  return `const answer = await fetch(${JSON.stringify(address)}, {\n  ${options.join(",\n  ")},\n});\nconsole.log(answer.status, await answer.text());\n`;
}

function isSaidByJson(name, request) {
  return name.toLowerCase() === "content-type" && isPlainJson(request) && request.headers[name] === "application/json";
}

/** Whether `json=` sends the same value. */
function isPlainJson(request) {
  const type = Object.entries(request.headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return (
    request.bodyEncoding === "json" && type === "application/json" && !/[eE]/.test(numbersOf(request.json).join(" "))
  );
}

function numbersOf(value) {
  if (value instanceof NumberText) return [value.text];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(numbersOf);
}

function contentOf(request, level) {
  if (!request.bodyEncoding) return [];
  if (isPlainJson(request)) return [`json=${python(request.json, level)}`];
  if (request.bodyEncoding === "base64") return [`content=base64.b64decode(${python(request.bodyAsBase64)})`];
  return [`content=${python(request.body)}.encode()`];
}

/** A value as Python writes it, over several lines where one would be long. */
export function python(value, level = 0) {
  if (value instanceof NumberText) return value.text;
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => python(item, level + 1))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${python(item, level + 1)}`);
  const [open, close] = isList ? "[]" : "{}";
  const line = open + parts.join(", ") + close;
  if (line.length + level * 4 < WIDTH && !line.includes("\n")) return line;
  const inner = " ".repeat(4 * (level + 1));
  return `${open}\n${inner}${parts.join(`,\n${inner}`)},\n${" ".repeat(4 * level)}${close}`;
}

/**
 * A test for the pytest plugin: the records that the address speaks of, the request, its status, and what of the answer
 * cannot be otherwise. `arranged` are the lines before the request.
 */
export function pytestOf(entry, apis, arranged) {
  const { method, headers, hasCredential, api, request } = requestOf(entry, apis);
  const own = headers.filter(
    ({ name, value, isCredential }) => !isCredential && !value.includes(MASKED) && !isSaidByJson(name, request),
  );
  const given = Object.fromEntries(own.map(({ name, value }) => [name, value]));
  const opens = hasCredential && entry.response.status !== 401;
  const head = opens ? (own.length ? `{**api.headers, ${python(given).slice(1)}` : "api.headers") : python(given);
  const args = [
    python(method),
    addressIn(request.url, api),
    ...(opens || own.length ? [`headers=${head}`] : []),
    ...contentOf(request, 2),
  ];
  const lines = [
    ...(request.bodyEncoding === "base64" ? ["import base64", ""] : []),
    "import httpx",
    "",
    "",
    `def test_${nameOf(entry)}(mock_api):`,
    `    """${documented(`${method} ${request.url.split("?")[0]}`)} answers ${entry.response.status}."""`,
    `    api = mock_api(${python(api?.source || `${api?.name}.yaml`)})`,
    ...arranged,
    "",
    `    answer = httpx.request(\n        ${args.join(",\n        ")},\n    )`,
    "",
    `    assert answer.status_code == ${entry.response.status}`,
    ...asserted(entry),
  ];
  return `${lines.join("\n")}\n`;
}

function addressIn(url, api) {
  const base = new URL(api.baseUrl).pathname.replace(/^\/~[^/]+/, "").replace(/\/$/, "");
  const isBelow = url === base || url.startsWith(`${base}/`) || url.startsWith(`${base}?`);
  return isBelow ? `api.url + ${python(url.slice(base.length))}` : `api.root + ${python(url)}`;
}

function nameOf(entry) {
  const words = (entry.operation ?? "request")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
  return `${words.replace(/^_+|_+$/g, "") || "request"}_${entry.response.status}`;
}

function documented(text) {
  return text.replace(/[\\"]/g, "").slice(0, 80);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the answer has of what was sent, and where the request breaks its document. */
function asserted(entry) {
  if (entry.violations.length) {
    const pointers = entry.violations.map(({ place, pointer }) => `${place}${pointer}`);
    return [`    assert [one.place + one.pointer for one in api.journal[-1].violations] == ${python(pointers, 1)}`];
  }
  const [sent, got] = [entry.request.json, entry.response.json];
  if (entry.response.status >= 300 || !isObject(sent) || !isObject(got)) return [];
  // Some APIs have the record in an envelope: `data`.
  for (const [where, record] of [
    ["", got],
    ...Object.entries(got).map(([name, value]) => [`[${python(name)}]`, value]),
  ]) {
    if (!isObject(record)) continue;
    const kept = Object.keys(sent).filter(
      (name) => Object.hasOwn(record, name) && write(sent[name]) === write(record[name]),
    );
    if (kept.length)
      return kept.map((name) => `    assert answer.json()${where}[${python(name)}] ${equals(record[name])}`);
  }
  return [];
}

function equals(value) {
  return `${value === null || typeof value === "boolean" ? "is" : "=="} ${python(value, 1)}`;
}

/** A stub in WireMock's shape that answers the request as it was answered. */
export function stubOf(entry) {
  const { request, response } = entry;
  const [way, query] = request.url.split("?");
  const asked = {
    method: request.method,
    ...(query === undefined ? { urlPath: decodedPath(way) } : { url: request.url }),
  };
  if (request.bodyEncoding === "json" && request.method !== "GET") asked.bodyPatterns = [{ equalToJson: request.json }];
  const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => !OF_THE_MOCK.test(name)));
  const answer = { status: response.status || 200, headers };
  if (response.bodyEncoding === "json") answer.jsonBody = response.json;
  else if (response.bodyEncoding === "base64") answer.base64Body = response.bodyAsBase64;
  else if (response.bodyEncoding) answer.body = response.body;
  return { name: `${request.method} ${way}`, request: asked, response: answer };
}

function decodedPath(way) {
  return way.includes("%2F") || way.includes("%2f") ? way : decoded(way);
}

/** The same stub as a line for the shell, and for a test. */
export function stubLines(client, stub) {
  return { curl: controlLine(client, "/mappings", stub), pytest: `api.stub(${oneLine(stub)})` };
}

/** A line for the shell that sends this to the control API; where that wants a token, with the one of the environment. */
export function controlLine(client, where, body, method = "") {
  const token = knownToken() ? ' -H "Authorization: Bearer $MOCKSERVER_ADMIN_TOKEN"' : "";
  return `curl -i ${method ? `-X ${method} ` : ""}${quoted(client.root + where)}${token} -H 'Content-Type: application/json' -d ${quoted(write(body))}`;
}

/** A Python value in one line, however long. */
export function oneLine(value) {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (isObject(value)) return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`).join(", ")}}`;
  return python(value);
}
