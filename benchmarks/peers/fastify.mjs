// What one would write by hand for the three requests of the benchmark: `node fastify.mjs RECORDS PORT`.
// It keeps keys and links in maps, checks key, scope and plan, counts the meters, validates what comes in and shapes what
// goes out by schemas. It has no journal, no second world, and takes nothing back.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import Fastify from "fastify";

const [records, port] = process.argv.slice(2);
const { workspaces, keys, links } = JSON.parse(readFileSync(records, "utf8"));
const workspaceById = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
const keyBySecret = new Map(keys.map((key) => [key.key, { ...key, scopes: new Set(key.scopes) }]));
const linkById = new Map(links.map((link) => [link.id, link]));

const BURST = { pro: 10, business: 50, enterprise: 200 };
const MONTH = { free: 0, pro: 1000, business: 25000, enterprise: 100000 };
const meters = new Map();

function refuse(status, code, message) {
  return Object.assign(new Error(message), { statusCode: status, code });
}

function meterOf(key, plan, now) {
  let meter = meters.get(key);
  if (meter === undefined) {
    meters.set(key, (meter = { tokens: BURST[plan], at: now, end: 0, used: 0, month: 0 }));
  }
  return meter;
}

// Limits count and do not refuse, as with `--limits off`.
function spend(request) {
  const now = Date.now() / 1000;
  const plan = request.workspace.plan;
  const meter = meterOf(request.key, plan, now);
  const burst = BURST[plan];
  meter.tokens = Math.max(0, Math.min(burst, meter.tokens + (now - meter.at) * burst) - 1);
  meter.at = now;
  if (now >= meter.end) {
    meter.end = (Math.floor(now / 60) + 1) * 60;
    meter.used = 0;
  }
  meter.used += 1;
  meter.month += 1;
  request.meter = meter;
}

function meta(request) {
  const limit = 60 * BURST[request.workspace.plan];
  const { used, end } = request.meter;
  return { request_id: request.id, rate_limit: { limit, remaining: Math.max(0, limit - used), reset: end } };
}

function authenticate(scope) {
  return async (request) => {
    const [scheme, secret] = (request.headers.authorization ?? "").split(" ");
    const key = scheme === "Bearer" ? keyBySecret.get(secret) : undefined;
    if (key === undefined || key.state === "revoked") throw refuse(401, "INVALID_API_KEY", "The key is not known.");
    if (key.expires_at !== null && Date.parse(key.expires_at) <= Date.now()) {
      throw refuse(401, "EXPIRED_API_KEY", "The key has expired.");
    }
    request.key = key;
    request.workspace = workspaceById.get(key.workspace);
    spend(request);
    if (!key.scopes.has(scope) && !key.scopes.has("*")) throw refuse(403, "INSUFFICIENT_SCOPE", `${scope} is missing.`);
  };
}

const META = {
  type: "object",
  required: ["request_id", "rate_limit"],
  properties: {
    request_id: { type: "string" },
    rate_limit: {
      type: "object",
      required: ["limit", "remaining", "reset"],
      properties: { limit: { type: "integer" }, remaining: { type: "integer" }, reset: { type: "integer" } },
    },
  },
};
const text = { type: "string" };
const perhaps = { type: ["string", "null"] };
const LINK = {
  type: "object",
  required: ["id", "short_url", "short_code", "destination", "enabled", "created_at", "updated_at"],
  properties: {
    id: text,
    short_url: text,
    short_code: text,
    destination: text,
    enabled: { type: "boolean" },
    labels: { type: "array", items: text },
    routing_rules: { type: "array", items: { type: "object", additionalProperties: true } },
    scan_count: { type: "integer" },
    last_scan_at: perhaps,
    expires_at: perhaps,
    created_at: text,
    updated_at: text,
  },
};
const UPDATE = {
  type: "object",
  required: ["ids", "enabled"],
  properties: {
    ids: { type: "array", minItems: 1, maxItems: 200, items: { type: "string", format: "uuid" } },
    enabled: { type: "boolean" },
  },
};
const reply = (data) => ({ 200: { type: "object", required: ["data", "meta"], properties: { data, meta: META } } });

const app = Fastify({
  logger: false,
  genReqId: () => "req_" + randomBytes(8).toString("hex"),
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
});
app.decorateRequest("key", null);
app.decorateRequest("workspace", null);
app.decorateRequest("meter", null);

app.addHook("onSend", async (request, answer) => {
  answer.header("X-Request-Id", request.id);
  if (request.meter === null) return;
  const { plan } = request.workspace;
  answer.header("X-RateLimit-Limit", MONTH[plan]);
  answer.header("X-RateLimit-Remaining", Math.max(0, MONTH[plan] - request.meter.month));
  answer.header("X-RateLimit-Burst-Limit", BURST[plan]);
  answer.header("X-RateLimit-Burst-Remaining", Math.floor(request.meter.tokens));
});

app.setErrorHandler((error, request, answer) => {
  const status = error.statusCode ?? 500;
  const code = error.validation ? "VALIDATION_ERROR" : error.code ?? "INTERNAL_ERROR";
  answer.code(status).send({ error: { code, message: error.message, status }, meta: { request_id: request.id } });
});

app.get(
  "/v1/links/:id",
  { onRequest: authenticate("links:read"), schema: { response: reply(LINK) } },
  async (request) => {
    const link = linkById.get(request.params.id);
    if (link === undefined || link._workspace !== request.workspace.id) throw refuse(404, "NOT_FOUND", "Link not found.");
    return { data: link, meta: meta(request) };
  },
);

app.patch(
  "/v1/links/bulk/status",
  {
    onRequest: authenticate("links:write"),
    schema: { body: UPDATE, response: reply({ type: "object", properties: { updated: { type: "integer" } } }) },
  },
  async (request) => {
    if (!request.workspace._bulk_ops) throw refuse(403, "FEATURE_NOT_AVAILABLE", "The plan has no bulk operations.");
    const { ids, enabled } = request.body;
    const now = new Date().toISOString().slice(0, 19) + "Z";
    let updated = 0;
    for (const id of new Set(ids)) {
      const link = linkById.get(id);
      if (link === undefined || link._workspace !== request.workspace.id) continue;
      updated += 1;
      if (link.enabled !== enabled) linkById.set(id, { ...link, enabled, updated_at: now });
    }
    return { data: { updated }, meta: meta(request) };
  },
);

await app.listen({ host: "127.0.0.1", port: Number(port) });
