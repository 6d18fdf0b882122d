// One document in Swagger UI: the control API's, or that of an API, whose operations are tried in the world of the address.

import { Client, FIRST_WORLD, SITE, knownToken, path } from "./client.js";
import { el, fill } from "./dom.js";
import { attempt } from "./talk.js";
import { askForTokens } from "./token.js";

const MANY = 60;
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const CONTROL = "";
const API = /\/__admin\/apis\/([^/]+)\/docs$/.exec(location.pathname)?.[1];
const api = API === undefined ? CONTROL : decodeURIComponent(API);
const client = new Client(FIRST_WORLD);
const place = document.getElementById("document");

/** The docs of an API in a world, or of the control API. */
function addressOf(name, world) {
  return `${SITE}${path(`~${world}`)}/__admin${name === CONTROL ? "" : path("apis", name)}/docs`;
}

async function show() {
  const { apis } = await client.get("/apis");
  await showChoices(apis);
  const served = await (await client.send("GET", api === CONTROL ? "/openapi.json" : path("apis", api, "openapi.json"))).json();
  document.title = `${served.info.title} · mockserver`;
  const count = Object.values(served.paths ?? {}).reduce((sum, item) => sum + Object.keys(item).length, 0);
  if (!window.SwaggerUIBundle) return list(served);
  const ui = window.SwaggerUIBundle({
    domNode: place, spec: served, validatorUrl: null, deepLinking: true, tryItOutEnabled: true, displayRequestDuration: true, filter: count > 20,
    docExpansion: count > MANY ? "none" : "list", defaultModelsExpandDepth: 0, queryConfigEnabled: false, syntaxHighlight: { activated: true, theme: "agate" },
    requestInterceptor: withToken, onComplete: () => authorize(ui, served, apis.find((one) => one.name === api)),
  });
}

/** The operations as a list, and why there is no more: the viewer is not there. */
async function list(served) {
  const missing = await client.get("/page/viewer/swagger-ui-bundle.js").catch((error) => error.message);
  const json = `${SITE}${path(`~${FIRST_WORLD}`)}/__admin${api === CONTROL ? "" : path("apis", api)}/openapi.json`;
  const operations = Object.entries(served.paths ?? {}).flatMap(([address, item]) =>
    METHODS.filter((method) => item[method]).map((method) => el("li", {}, el("code", {}, `${method.toUpperCase()} ${address}`), ` ${item[method].summary ?? ""}`)));
  fill(place, el("h1", {}, served.info.title), el("p", { class: "wrong", role: "alert" }, missing),
    el("p", {}, el("a", { href: json }, "The document as JSON")), el("ul", {}, operations));
}

/** Requests to the control API carry the token, if the server wants one. */
function withToken(request) {
  const { origin, pathname } = new URL(request.url, location.href);
  const token = knownToken();
  if (token && origin === location.origin && /^(\/~[^/]+)?\/__admin\//.test(pathname)) request.headers.Authorization ??= `Bearer ${token}`;
  return request;
}

/** Enters the credential that the API takes where its document has a scheme for it. */
function authorize(ui, served, known) {
  if (!known?.credential) return;
  const { header, value } = known.credential;
  for (const [name, scheme] of Object.entries(served.components?.securitySchemes ?? {})) {
    const kind = String(scheme.scheme).toLowerCase();
    if (scheme.type === "apiKey" && scheme.in === "header" && scheme.name.toLowerCase() === header.toLowerCase()) ui.preauthorizeApiKey(name, value);
    else if (scheme.type === "http" && kind === "bearer" && /^bearer /i.test(value)) ui.preauthorizeApiKey(name, value.slice(7));
    else if (scheme.type === "http" && kind === "basic" && /^basic /i.test(value)) ui.preauthorizeBasic(name, ...atob(value.slice(6)).split(/:(.*)/s, 2));
  }
}

async function showChoices(apis) {
  const { worlds } = await client.get("/worlds");
  const names = [...new Set(["default", ...worlds.map((one) => one.name), FIRST_WORLD])];
  const [choice, world] = [document.getElementById("api"), document.getElementById("world")];
  fill(choice, apis.map((one) => el("option", { value: one.name }, one.title === one.name ? one.name : `${one.title} (${one.name})`)), el("option", { value: CONTROL }, "The control API"));
  fill(world, names.map((name) => el("option", { value: name }, name)));
  [choice.value, world.value] = [api, FIRST_WORLD];
  choice.addEventListener("change", () => location.assign(addressOf(choice.value, FIRST_WORLD)));
  world.addEventListener("change", () => location.assign(addressOf(api, world.value)));
}

function follow(dark) {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

askForTokens();
const dark = matchMedia("(prefers-color-scheme: dark)");
follow(dark);
dark.addEventListener("change", () => follow(dark));
document.getElementById("home").href = `${SITE}${path(`~${FIRST_WORLD}`)}/__admin/#${path(FIRST_WORLD, "apis", ...(api === CONTROL ? [] : [api]))}`;
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("view").focus();
});
await attempt(async () => {
  try {
    await show();
  } catch (error) {
    fill(place, el("h1", {}, "No document"), el("p", { class: "wrong", role: "alert" }, error.message));
  }
});
