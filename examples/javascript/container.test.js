// The mock as a container of the test run itself, by testcontainers. Where MOCKSERVER_URL names a mock that runs already,
// it is used instead.
//   npm run test:container

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { newWorld } from "./mock.js";

let container, root;

before(async () => {
  root = process.env.MOCKSERVER_URL;
  if (root) return;
  const { GenericContainer, Wait } = await import("testcontainers");
  container = await new GenericContainer("mockserver")
    .withBindMounts([{ source: fileURLToPath(new URL("../orders.yaml", import.meta.url)), target: "/api.yaml", mode: "ro" }])
    .withCommand(["/api.yaml"])
    .withEnvironment({ MOCKSERVER_ADMIN_TOKEN: process.env.MOCKSERVER_ADMIN_TOKEN ?? "for-tests-only" })
    .withExposedPorts(4010)
    .withWaitStrategy(Wait.forHttp("/__admin/health", 4010))
    .start();
  root = `http://${container.getHost()}:${container.getMappedPort(4010)}`;
});

after(() => container?.stop());

test("an order survives in its world", async () => {
  const { url } = newWorld(root);
  const headers = { "X-Api-Key": "any", "Content-Type": "application/json" };

  const made = await fetch(`${url}/orders`, { method: "POST", headers, body: '{"article": "lamp", "quantity": 1}' });
  const { id } = await made.json();

  assert.equal((await fetch(`${url}/orders/${id}`, { headers })).status, 200);
});
