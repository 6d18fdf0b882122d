// Faults and stubs as lines for the shell and for a test, and in words.

import { isObject, write } from "../json.js";
import { python, quoted, stubLines } from "./snippets.js";

const IN_PYTHON = { break: "breaks", bytesPerSecond: "bytes_per_second", contentType: "content_type" };

/** The lines that make this fault. */
export function faultLines(client, fault) {
  return {
    curl: `curl -i ${quoted(`${client.root}/faults`)} -H 'Content-Type: application/json' -d ${quoted(write(fault))}`,
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

/** A Python value in one line, however long. */
function oneLine(value) {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (isObject(value)) return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`).join(", ")}}`;
  return python(value);
}

/** The lines that make this stub. */
export function stubLinesOf(client, stub) {
  return { curl: stubLines(client, stub).curl.replace(" \\\n  ", " "), pytest: `api.stub(${oneLine(stub)})` };
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
