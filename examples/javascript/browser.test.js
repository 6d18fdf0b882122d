// A page in a browser, whose calls cross origins: the page comes from one port, the mock answers on another.
//   npm run test:browser        with Chromium, whose path CHROMIUM may name

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { newWorld } from "./mock.js";

let browser, pages, page, world;

before(async () => {
  const html = await readFile(new URL("page.html", import.meta.url));
  pages = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end(html)).listen(0, "127.0.0.1");
  await once(pages, "listening");
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  pages.close();
});

beforeEach(async () => {
  world = newWorld();
  page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(`http://127.0.0.1:${pages.address().port}/?api=${encodeURIComponent(world.url)}`);
});

test("what is ordered is listed", async () => {
  await page.getByLabel("Article").fill("blue lamp");
  await page.getByRole("button").click();

  await page.getByText("Ordered: blue lamp").waitFor();
  await page.locator("li", { hasText: "blue lamp" }).waitFor();
});

test("a failure of the server is shown", async () => {
  await world.fail("createOrder", { status: 503, times: 1 });

  await page.getByLabel("Article").fill("red lamp");
  await page.getByRole("button").click();

  await page.getByText("Not ordered:").waitFor();
  assert.equal(await page.locator("li", { hasText: "red lamp" }).count(), 0);
});
