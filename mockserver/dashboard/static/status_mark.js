// How the status of an answer is shown.

import { el } from "./dom.js";

/** The status as a mark: its number, or that there was no answer. */
export function statusOf(status, fault) {
  return el("span", { class: `status s${Math.floor(status / 100)}` }, status || (fault ?? "no answer"));
}
