// A client that is generated from the document: its types are those of examples/orders.yaml, and the mock answers it.
//   npm run test:typed

import assert from "node:assert/strict";
import { test } from "node:test";
import createClient from "openapi-fetch";
import type { paths } from "./orders.js";

const root = process.env.MOCKSERVER_URL ?? "http://127.0.0.1:4010";
const orders = createClient<paths>({
  baseUrl: `${root}/~typed-${crypto.randomUUID()}`,
  headers: { "X-Api-Key": "any" },
});

test("a generated client makes, changes and lists orders", async () => {
  const { data: made } = await orders.POST("/orders", { body: { article: "chair", quantity: 4 } });
  assert(made);

  const { data: paid } = await orders.PATCH("/orders/{orderId}", {
    params: { path: { orderId: made.id } },
    body: { status: "paid" },
  });
  const { data: page } = await orders.GET("/orders", { params: { query: { status: "paid", limit: 100 } } });

  assert.equal(paid?.status, "paid");
  assert(page?.items.some((order) => order.id === made.id));
});

test("a refusal has the type of the document's errors", async () => {
  const { error, response } = await orders.GET("/orders/{orderId}", { params: { path: { orderId: 999_999 } } });

  assert.equal(response.status, 404);
  assert.equal(typeof error?.detail, "string");
});
