// The frame: which world and which view are shown, by the part of the address behind `#`.

import { Client, FIRST_WORLD, path } from "./client.js";
import { el, fill, icon } from "./dom.js";
import { watchServer } from "./health.js";
import { DEFAULT, isThere, makeWorld, offerWorld, worldNames } from "./known_worlds.js";
import { asked, attempt, announce } from "./talk.js";
import { askForTokens } from "./token.js";
import { VIEWS } from "./views.js";

const main = document.getElementById("view");
const worlds = document.getElementById("world");
const NEW_WORLD = "/new";
let leaving = new AbortController();
let shown = {};
const TRIED_AGAIN_AFTER = 2000;

/** The address of a view in the page: `addressOf("alice", "requests", 12)` is `#/alice/requests/12`. */
function addressOf(...parts) {
  return `#${path(...parts)}`;
}

function here() {
  const parts = location.hash
    .slice(2)
    .split("/")
    .map((part) => safely(decodeURIComponent, part));
  return {
    world: parts[0] || FIRST_WORLD,
    view: parts[1] || VIEWS[0].id,
    rest: parts.slice(2).filter((part) => part !== ""),
  };
}

function safely(decode, text) {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

async function show({ isFirst = false } = {}) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { world, view: id, rest } = here();
  const view = VIEWS.find((one) => one.id === id) ?? VIEWS[0];
  document.title = `${view.title} · ${world} · mockserver`;
  showNavigation(view.id, world);
  const place = el("div", { class: `view ${view.id}` });
  const context = {
    world,
    rest,
    signal,
    place,
    client: new Client(world),
    address: (...parts) => addressOf(world, view.id, ...parts),
    addressOf,
    go: (address) => {
      if (location.hash === address) show();
      else location.hash = address;
    },
    refreshWorlds: showWorlds,
  };
  fill(main, place);
  if (!isFirst) main.focus({ preventScroll: true });
  scrollTo(0, 0);
  try {
    const [{ show: showView }, hasWorld] = await Promise.all([view.load(), isThere(world, { signal })]);
    if (signal.aborted) return;
    shown = { world, hasWorld };
    if (hasWorld) await showView(context);
    else await offerWorld({ ...context, view: view.id, again: () => Promise.all([showWorlds(), show()]) });
  } catch (error) {
    if (!signal.aborted) showFailure(view, place, signal, error);
  }
  if (!isFirst && !signal.aborted) announce(`${place.querySelector("h1")?.textContent ?? view.title}, world ${world}`);
}

/** What went wrong; where the server or its store did not answer, the view is tried again until it does. */
function showFailure(view, place, signal, error) {
  const isAway = error.status === undefined ? error instanceof TypeError : !error.status || error.status === 503;
  const said = error.status === undefined && isAway ? `The view could not be loaded. ${error.message}` : error.message;
  const again = isAway ? el("p", { class: "faint" }, "It is tried again by itself.") : null;
  fill(place, el("h1", {}, view.title), el("p", { class: "wrong", role: "alert" }, said), again);
  if (isAway) setTimeout(() => !signal.aborted && show({ isFirst: true }), TRIED_AGAIN_AFTER);
}

function showNavigation(current, world) {
  const links = VIEWS.map((view) =>
    el(
      "li",
      {},
      el(
        "a",
        {
          href: addressOf(world, view.id),
          "aria-current": view.id === current ? "page" : null,
        },
        icon(view.id),
        view.title,
      ),
    ),
  );
  fill(document.getElementById("views"), links);
}

async function showWorlds() {
  const { world } = here();
  const known = await worldNames();
  fill(
    worlds,
    known.map((name) => el("option", { value: name, selected: name === world }, name)),
    known.includes(world) ? null : el("option", { value: world, selected: true }, `${world} (none)`),
    el("option", { value: NEW_WORLD }, "New world…"),
  );
  worlds.value = world;
}

async function changeWorld() {
  const { world, view, rest } = here();
  const chosen = worlds.value;
  worlds.value = world;
  const name = chosen === NEW_WORLD ? await newWorld() : chosen;
  if (name) location.hash = addressOf(name, view, ...(view === "requests" ? [] : rest));
}

async function newWorld() {
  const made = await asked({
    title: "New world",
    label: "Name",
    action: "Make it",
    hint: "It begins with the records of the fixtures. Letters, digits, dots, dashes; without a name it gets one.",
    run: makeWorld,
  });
  return made?.name;
}

/** Shows the view anew where its world was deleted meanwhile, or made. */
async function lookForWorld() {
  const { world, hasWorld } = shown;
  if (world === undefined || (await isThere(world)) === hasWorld || world !== shown.world) return;
  await Promise.all([showWorlds(), show({ isFirst: true })]);
}

askForTokens();
worlds.addEventListener("change", changeWorld);
worlds.addEventListener("focus", () => attempt(showWorlds));
addEventListener("hashchange", () => {
  if (!location.hash.startsWith("#/")) return;
  show();
  attempt(showWorlds);
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
show({ isFirst: true });
attempt(showWorlds);
watchServer((isThere) => {
  document.body.classList.toggle("away", !isThere);
  dispatchEvent(new CustomEvent("server", { detail: isThere }));
  if (isThere) showWorlds().catch(() => {});
}, lookForWorld);
attempt(async () => {
  const { version } = await new Client(DEFAULT).get("/version");
  fill(
    document.getElementById("foot"),
    `version ${version}`,
    " · ", el("a", { href: "./docs" }, "control API"),
  );
});
