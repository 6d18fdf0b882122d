// Faults, next answers and scenarios as lines for the shell and for a test, and in words.

import { path } from "../client.js";
import { isObject, write } from "../json.js";
import { controlLine, oneLine, python } from "./snippets.js";

const IN_PYTHON = { break: "breaks", bytesPerSecond: "bytes_per_second", contentType: "content_type" };

/** The lines that make this fault. */
export function faultLines(client, fault) {
  return {
    curl: controlLine(client, "/faults", fault),
    pytest: pytestLine(fault),
  };
}

function pytestLine({ operation = "*", status, times, ...how }) {
  const said = [...(operation === "*" && status === undefined && !times ? [] : [python(operation)]), ...(status === undefined ? [] : [python(status)])];
  const named = Object.entries(times ? { times, ...how } : how).map(([name, value]) => `${IN_PYTHON[name] ?? name}=${name === "delay" && isObject(value) ? delayOf(value) : name === "delay" ? Number(value) : oneLine(value)}`);
  return `api.${times ? "fail_next" : "fail"}(${[...said, ...named].join(", ")})`;
}

function delayOf(value) {
  return `mockserver.Delay(${Object.entries(value).map(([name, number]) => `${name}=${python(number)}`).join(", ")})`;
}

/** The lines that make this the next answer of its operation. */
export function answerLines(client, { method, path: where, ...said }) {
  const { operation = `${(method ?? "").toUpperCase()} ${where ?? ""}`, api: _, status, ...how } = said;
  const named = Object.entries(how).map(([name, value]) => `${name}=${oneLine(value)}`);
  return {
    curl: controlLine(client, "/next", method ? { method, path: where, ...said } : said),
    pytest: `api.answer_next(${[python(operation), ...(status === undefined ? [] : [python(status)]), ...named].join(", ")})`,
  };
}

/** The lines that bring a scenario into this state. */
export function scenarioLines(client, name, state) {
  const where = `${path("scenarios", name)}/state`;
  return { curl: controlLine(client, where, { state }, "PUT"), pytest: `httpx.put(f"{api.root}/__admin${where}", json={"state": ${python(state)}})` };
}

/** What goes wrong, in words. */
export function whatGoesWrong(fault) {
  const parts = [
    fault.status ? `Status ${fault.status}` : "",
    fault.delay ? (isObject(fault.delay) ? `a delay of ${write(fault.delay)} ms` : `a delay of ${Number(fault.delay)} ms`) : "",
    fault.bytesPerSecond ? `${fault.bytesPerSecond} bytes a second` : "",
    fault.connection ? `connection: ${fault.connection}` : "",
    fault.contentType ? `the media type ${fault.contentType}` : "",
    fault.break ? `an answer that breaks the document (${fault.break})${fault.pointer ? ` at ${fault.pointer}` : ""}` : "",
  ].filter(Boolean).join(", ");
  return parts.slice(0, 1).toUpperCase() + parts.slice(1);
}

/** Which requests it is for. */
export function targetOf({ api, operation, method, path }) {
  const where = [method, path].filter(Boolean).join(" ");
  const named = operation && operation !== "*" ? operation : "";
  return [api, named, where].filter(Boolean).join(" · ") || "every request";
}
