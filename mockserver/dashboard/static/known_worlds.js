// Which worlds there are. A world is made when it is first asked for anything, so it is asked for nothing before this is known.

import { Client, path } from "./client.js";
import { button, el, fill } from "./dom.js";
import { attempt } from "./talk.js";

export const DEFAULT = "default";
const server = new Client(DEFAULT);

/** The names of all worlds, the default one first. */
export async function worldNames(options) {
  const { worlds } = await server.get("/worlds", {}, options);
  return [...new Set([DEFAULT, ...worlds.map((one) => one.name)])];
}

/** Makes a world of the records of the fixtures; without a name it gets one. Returns its summary. */
export function makeWorld(name) {
  return server.post("/worlds", name ? { name } : {});
}

/** Whether there is this world. */
export async function isThere(world, options) {
  return world === DEFAULT || (await worldNames(options)).includes(world);
}

/** Says in `place` that there is no such world, and offers to make it; `again` shows the view anew. */
export async function offerWorld({ place, world, addressOf, view, again, signal }) {
  const known = await worldNames({ signal });
  const make = () => attempt(async () => {
    await makeWorld(world);
    await again();
  });
  fill(place,
    el("h1", {}, "No such world"),
    el("p", {}, "There is no world ", el("b", {}, world), ". A request to ", el("code", {}, `${path(`~${world}`)}/…`), " makes it, with the records of the fixtures, and so does this page."),
    el("p", { class: "buttons" }, button("Make it", make, { class: "primary" })),
    el("p", { class: "faint" }, "Those that there are:"),
    el("ul", {}, known.map((name) => el("li", {}, el("a", { href: addressOf(name, view) }, name)))));
}
