// Whether the server can answer: told while it cannot, for as long as it cannot, and without being asked.

import { Client } from "./client.js";
import { toast } from "./talk.js";

const LOOKED_EACH = 2000;
const WAITED_FOR = 5000;
let told = null;

/**
 * Looks at the server from now on, while the page is seen; `onChange(isThere)` when it is away, and when it is back, and
 * `onLook()` each time that it is there.
 */
export function watchServer(onChange, onLook) {
  const client = new Client("default");
  const look = async () => {
    const problem = document.hidden ? told : await problemOf(client);
    if (problem && !told) {
      told = toast(`${problem.message} The page goes on by itself.`, "wrong");
      onChange(false);
    } else if (!problem && told) {
      told.remove();
      told = null;
      onChange(true);
    }
    if (!problem && !document.hidden) await onLook().catch(() => {});
    setTimeout(look, LOOKED_EACH);
  };
  setTimeout(look, LOOKED_EACH);
}

async function problemOf(client) {
  try {
    await client.get("/ready", {}, { signal: AbortSignal.timeout(WAITED_FOR) });
    return null;
  } catch (error) {
    if (error.status === 503) return new Error(`The store does not answer. ${error.message}`);
    return error.status ? null : new Error("The server does not answer.");
  }
}
