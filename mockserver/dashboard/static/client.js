// The control API: one client for each world, the token if the server wants one, and streams of events.

import { read, write } from "./json.js";

const HERE = new URL("../", import.meta.url);
const PARTS = /^(.*?)(?:\/~([^/]+))?\/__admin\/$/.exec(HERE.pathname);
const TOKEN = "mockserver-token";

/** The address of the server, and the world whose page was opened. */
export const SITE = HERE.origin + PARTS[1];
export const FIRST_WORLD = PARTS[2] ? decodeURIComponent(PARTS[2]) : "default";

/** An answer of the control API that is no success: `status`, `detail`, and `violations` with their pointers. */
export class ApiProblem extends Error {
  constructor(status, problem) {
    super(problem?.detail || problem?.title || `The server answered ${status}.`);
    this.status = status;
    this.violations = problem?.violations ?? [];
  }
}

/** The path of these parts, whatever characters they have: `path("state", api, collection, id)`. */
export function path(...parts) {
  return `/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

let asked = null;
let askForToken = async () => "";

/** `ask` shows the user that a token is wanted, with what the server said, and returns the one that was entered. */
export function onTokenWanted(ask) {
  askForToken = ask;
}

async function renewToken(said, problem) {
  asked ??= askForToken(said).finally(() => {
    asked = null;
  });
  const token = await asked;
  if (!token) throw problem;
  sessionStorage.setItem(TOKEN, token);
}

/** The token that was entered in this tab, or null. */
export function knownToken() {
  return sessionStorage.getItem(TOKEN);
}

/** The control API as it answers in one world. Each method returns the value of the answer, or throws ApiProblem. */
export class Client {
  constructor(world) {
    this.world = world;
    this.site = `${SITE}/~${encodeURIComponent(world)}`;
    this.root = `${this.site}/__admin`;
  }

  get(where, query, options) {
    return this.request("GET", where, { query, ...options });
  }

  post(where, body, options) {
    return this.request("POST", where, { body, ...options });
  }

  put(where, body, options) {
    return this.request("PUT", where, { body, ...options });
  }

  patch(where, body, options) {
    return this.request("PATCH", where, { body, ...options });
  }

  delete(where, options) {
    return this.request("DELETE", where, options);
  }

  /** `body` is a value that becomes JSON, `query` an object; `signal` ends the request. */
  async request(method, where, { query, body, signal } = {}) {
    const answer = await this.send(method, where, { query, body, signal });
    const text = await answer.text();
    return text ? read(text) : null;
  }

  /** The answer itself, whose body is not read yet. Throws ApiProblem. */
  async send(method, where, { query = {}, body, headers = {}, signal } = {}) {
    const address = new URL(this.root + where);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null && value !== "") address.searchParams.set(name, value);
    }
    for (;;) {
      const token = sessionStorage.getItem(TOKEN);
      const sent = { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
      if (body !== undefined) sent["Content-Type"] = "application/json";
      let answer;
      try {
        answer = await fetch(address, {
          method,
          headers: sent,
          body: body === undefined ? undefined : write(body),
          signal,
        });
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new ApiProblem(0, { detail: "The server does not answer. Is it still running?" });
      }
      if (answer.ok) return answer;
      const problem = new ApiProblem(answer.status, await asProblem(answer));
      if (answer.status !== 401) throw problem;
      // Another request may have asked for the token meanwhile.
      if (sessionStorage.getItem(TOKEN) === token) await renewToken(token ? problem.message : "", problem);
    }
  }

  /**
   * Calls `onEvent(value)` with each event from the number `last` on, for as long as `signal` lets it; `onState(true)`
   * when the stream is open, `onState(false)` when it is lost. It rests while nobody sees the page.
   */
  async follow(where, { query = {}, last, onEvent, onState = () => {}, signal }) {
    let from = last;
    while (!signal.aborted) {
      await seen(signal);
      const resting = new AbortController();
      const rest = () => document.hidden && resting.abort();
      document.addEventListener("visibilitychange", rest);
      try {
        const headers = from === undefined ? {} : { "Last-Event-ID": String(from) };
        const both = AbortSignal.any([signal, resting.signal]);
        const answer = await this.send("GET", where, { query: { seconds: 60, ...query }, headers, signal: both });
        onState(true);
        for await (const { id, data } of events(answer.body)) {
          from = id;
          onEvent(read(data));
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!resting.signal.aborted) {
          onState(false, error);
          await pause(2000, signal);
        }
      } finally {
        document.removeEventListener("visibilitychange", rest);
      }
    }
  }
}

async function asProblem(answer) {
  try {
    return read(await answer.text());
  } catch {
    return null;
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const fields = new Map(
          block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        if (fields.has("data")) yield { id: Number(fields.get("id")), data: fields.get("data") };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function seen(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
    signal.addEventListener("abort", resolve, { once: true });
  });
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
