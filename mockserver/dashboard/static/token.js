// The token of the control API, which the server may want.

import { onTokenWanted } from "./client.js";
import { asked } from "./talk.js";

function askForToken(said) {
  const hint =
    said ||
    "The one that the server was started with: --admin-token, or MOCKSERVER_ADMIN_TOKEN. It is kept until this tab is closed.";
  const run = async (token) => token || undefined;
  return asked({ title: "This server wants a token", label: "Token", type: "password", action: "Enter", hint, run });
}

/** Has the user asked for the token where the server wants one. */
export function askForTokens() {
  onTokenWanted(askForToken);
}
