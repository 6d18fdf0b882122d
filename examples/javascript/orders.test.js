// The tests of a client of examples/orders.yaml, with nothing but Node:
//   mockserver serve examples/orders.yaml        in one terminal
//   node --test orders.test.js                   in another

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { newWorld } from "./mock.js";

let world;
beforeEach(() => {
  world = newWorld();
});

async function ask(method, path, body) {
  const headers = { "X-Api-Key": "any", "Content-Type": "application/json" };
  const answer = await fetch(world.url + path, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

/** What is tested: orders, and tries again while the server is busy. */
async function placeOrder(article, quantity) {
  for (;;) {
    const answer = await ask("POST", "/orders", { article, quantity });
    if (answer.status !== 503) return answer;
  }
}

test("an order that was made is read", async () => {
  const made = await placeOrder("lamp", 2);

  const read = await ask("GET", `/orders/${made.body.id}`);

  assert.deepEqual([made.status, read.status], [201, 200]);
  assert.deepEqual([read.body.article, read.body.quantity, read.body.status], ["lamp", 2, "open"]);
});

test("a deleted order is gone", async () => {
  const { body } = await placeOrder("lamp", 1);

  await ask("DELETE", `/orders/${body.id}`);

  assert.equal((await ask("GET", `/orders/${body.id}`)).status, 404);
});

test("a wrong quantity is refused with a reason", async () => {
  const { status, body } = await ask("POST", "/orders", { article: "lamp", quantity: 0 });

  assert.equal(status, 422);
  assert.match(body.detail, /quantity/);
});

test("an order is placed although the server is busy twice", async () => {
  await world.fail("createOrder", { status: 503, times: 2 });

  const { status } = await placeOrder("lamp", 1);

  assert.equal(status, 201);
  assert.equal(await world.count({ operation: "createOrder" }), 3);
});

test("a lost connection is an error of the client", async () => {
  await world.fail("listOrders", { connection: "reset", times: 1 });

  await assert.rejects(ask("GET", "/orders"), TypeError);

  assert.equal((await ask("GET", "/orders")).status, 200);
});
