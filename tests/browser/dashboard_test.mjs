#!/usr/bin/env node
// The dashboard as people use it: clicks, keys, both themes, a phone, a server that goes away, one that wants a key.
// Usage: dashboard_test.mjs WINNOW [SCREENSHOTS]. Every page must stay free of console errors, of requests to
// elsewhere and of the slips that page_audit.mjs knows.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { api, launch, loadPlaywright, makeStore, openPage, run, screenshots, serve } from "./harness.mjs";
import { audit, faintPairs } from "./page_audit.mjs";

const [binary, folder = fileURLToPath(new URL("../../build/screenshots", import.meta.url))] = process.argv.slice(2);
if (!binary) {
  console.error("usage: dashboard_test.mjs WINNOW [SCREENSHOTS]");
  process.exit(2);
}
const winnow = resolve(binary);
const kHostile = { id: "hostile", title: '<img src=x onerror="window.harmed=1">', description: "</p><script>window.harmed=1</script>", categories: ["<b>bold</b>"] };
const kUser = "u7";

let browser, store, server, shoot, user, liked;

before(async () => {
  browser = await launch(await loadPlaywright());
  store = await makeStore(winnow);
  server = await serve(winnow, store.folder, "--port", "0");
  shoot = await screenshots(folder);
  await api(server.url, "/api/v1/items", [kHostile]);
  // A user who did something, whatever the made-up service calls its users.
  const { users } = await api(server.url, "/api/v1/users?count=1");
  user = users[0]?.id ?? kUser;
  liked = (await api(server.url, `/api/v1/users/${encodeURIComponent(user)}/events?count=1`)).events[0]?.item_id;
  assert.ok(liked, `user ${user} has a history`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await store?.remove();
});

// A test with a page of its own, which must have nothing to complain about in the end.
function onPage(name, options, body) {
  test(name, async () => {
    const opened = await openPage(browser, server.url, typeof options === "function" ? options() : options);
    try {
      await body(opened.page);
      assert.deepEqual(await opened.page.evaluate(audit), []);
      assert.deepEqual(opened.complaints, []);
    } catch (error) {
      await shoot(opened.page, `failed-${name.replaceAll(/\W+/g, "-").toLowerCase()}`);
      throw error;
    } finally {
      await opened.close();
    }
  });
}

const hash = (page) => page.evaluate(() => window.location.hash);
const titles = (page) => page.locator(".slate-row .item-title").allTextContents();

// Waits until `ask` gives something true; the deadline is the page's.
const until = (page, ask, argument) => page.waitForFunction(ask, argument);

onPage("the overview counts the requests that are made", {}, async (page) => {
  await page.getByRole("heading", { name: "Latency", exact: true }).waitFor();
  for (let i = 0; i < 25; i += 1) await api(server.url, `/api/v1/recommendations?user_id=${user}&count=10`);
  await until(page, () => document.querySelectorAll(".shares .share").length >= 2);
  await until(page, () => /\d/.test(document.querySelector(".stat:nth-child(2) .tile-value").textContent));
  await until(page, () => document.querySelector(".chart-plot .line").getAttribute("d").length > 4);
  await page.locator(".stat", { hasText: "Full" }).waitFor();
  assert.match(await page.locator(".headline").textContent(), /NDCG@10.*×/s);
  await page.getByText("Live", { exact: true }).first().waitFor();
  assert.equal(await page.locator(".stage", { hasText: "Live" }).count(), 1);
  assert.match(await page.locator(".foot").textContent(), /401 items/);
});

onPage("a chart tells its values to the arrow keys", {}, async (page) => {
  const chart = page.locator(".chart-frame").first();
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator(".chart-tooltip", { hasText: "1 s ago" }).first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".chart-tooltip").first().waitFor({ state: "hidden" });
  assert.match(await chart.getAttribute("aria-label"), /p50 .*p99/);
});

onPage("the keyboard leads everywhere", {}, async (page) => {
  await page.locator(".board").waitFor();
  for (const [key, target] of [["u", "#/user"], ["o", "#/"], ["i", "#/item"], ["t", "#/trending"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await until(page, (wanted) => window.location.hash === wanted, target);
  }
  await page.keyboard.press("g");
  await page.waitForTimeout(1500); // hands that are slow, or a machine that is
  await page.keyboard.press("o");
  await until(page, () => window.location.hash === "#/");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await until(page, () => document.activeElement?.getAttribute("role") === "combobox");
  assert.equal(await hash(page), "#/item");
  await page.keyboard.type("g u");
  assert.equal(await page.getByRole("combobox").inputValue(), "g u", "keys are text while one types");
  assert.equal(await hash(page), "#/item");
});

onPage("the first tab stop skips to the content", {}, async (page) => {
  await page.locator(".board").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("Tab");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "what has the focus shows it");
});

onPage("a user is looked up by id, and history stands beside reasons", { hash: "#/user" }, async (page) => {
  await page.keyboard.press("/");
  await page.keyboard.type(user);
  await page.keyboard.press("Enter");
  await page.locator(".slate-row").first().waitFor();
  await page.locator(".event").first().waitFor();
  assert.equal(await hash(page), `#/user/${encodeURIComponent(user)}`);
  assert.equal(await page.locator(".slate-row").count(), 12);
  assert.ok((await page.locator(".reason").allTextContents()).every((text) => text.trim() !== ""));
  assert.ok((await page.locator(".why-bar").count()) >= 12, "every item names a source");
  assert.match(await page.locator(".slate-facts").textContent(), /Answered in .* ms/);

  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await page.getByRole("link", { name: user, exact: true }).first().waitFor();
});

onPage("the next page repeats nothing", () => ({ hash: `#/user/${user}` }), async (page) => {
  await page.locator(".slate-row").first().waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await until(page, () => document.querySelectorAll(".slate-row").length === 24);
  const ids = await page.locator(".slate-row").evaluateAll((rows) => rows.map((row) => row.dataset.id));
  assert.equal(new Set(ids).size, 24);
});

onPage("sources show as a table of items against who proposed them", () => ({ hash: `#/user/${user}` }), async (page) => {
  await page.locator(".slate-row").first().waitFor();
  await page.getByText("Sources", { exact: true }).click();
  await page.locator(".matrix tbody tr").first().waitFor();
  assert.equal(await page.locator(".matrix tbody tr").count(), 12);
  assert.ok((await page.locator(".matrix .cell:not(.none)").count()) >= 12);
  await shoot(page, "user-sources-light");
});

onPage("a like changes the next recommendation before one's eyes", () => ({ hash: `#/user/${user}` }), async (page) => {
  await page.locator(".event").first().waitFor();
  const title = (await titles(page))[0];
  await page.locator(".act-like").first().click();
  await page.locator(".news").waitFor();
  const news = await page.locator(".news").textContent();
  assert.match(news, /^Liked .* of 12 places changed .* after it was stored\.$/);
  assert.ok(!(await titles(page)).includes(title), "what is liked is not shown again");
  await page.locator(".event", { hasText: title }).filter({ hasText: "Liked" }).waitFor();
  await shoot(page, "user-after-like-light");
});

onPage("rows answer to keys, once they have the focus", () => ({ hash: `#/user/${user}` }), async (page) => {
  await page.locator(".slate-row").first().waitFor();
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const second = (await titles(page))[1];
  assert.equal(await page.evaluate(() => document.activeElement.querySelector(".item-title")?.textContent), second);
  await page.keyboard.press("x");
  await page.locator(".news", { hasText: `Hid ${second}` }).waitFor();
  assert.ok(!(await titles(page)).includes(second));
});

onPage("a first-time visitor gets an answer, and a better one after a like", { hash: "#/visitor" }, async (page) => {
  await page.locator(".slate-row").first().waitFor();
  await page.getByText("No events yet.").waitFor();
  await page.locator(".act-like").first().click();
  await page.locator(".news", { hasText: "places changed" }).waitFor();
  assert.equal(await page.locator(".event", { hasText: "Liked" }).count(), 1);
  await page.getByRole("button", { name: "be someone else" }).click();
  await page.getByText("No events yet.").waitFor();
});

onPage("someone without events is told so, and served all the same", { hash: "#/user/nobody%2Fat%20all" }, async (page) => {
  await page.getByText("No events.").waitFor();
  await page.locator(".slate-row").first().waitFor();
});

onPage("an item is found by its title, with the arrow keys", { hash: "#/item" }, async (page) => {
  await page.locator(".item-grid .item-title").first().waitFor();
  const wanted = (await api(server.url, `/api/v1/items/${encodeURIComponent(liked)}`)).title;
  await page.getByRole("combobox").fill(wanted.slice(0, 12));
  await page.locator("[role=option]").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator("#item-name").waitFor();
  assert.match(await hash(page), /^#\/item\/./);
});

onPage("an item stands beside its neighbours", () => ({ hash: `#/item/${encodeURIComponent(liked)}` }), async (page) => {
  await page.locator(".slate-row").first().waitFor();
  const neighbour = (await titles(page))[0];
  await page.locator(".slate-row .item-title").first().click();
  await page.locator("#item-name", { hasText: neighbour }).waitFor();
});

onPage("what a title holds is text, whatever it looks like", { hash: "#/item/hostile" }, async (page) => {
  await page.locator("#item-name").waitFor();
  assert.equal(await page.locator("#item-name").textContent(), kHostile.title);
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  assert.equal(await page.locator("main img, main script").count(), 0);
});

onPage("an item that is not there is a message, not a crash", { hash: "#/item/nothing", tolerate: [/404/] }, async (page) => {
  await page.getByText("There is no item “nothing”.").waitFor();
});

onPage("trends follow the events, and the category", { hash: "#/trending" }, async (page) => {
  const { items } = await api(server.url, "/api/v1/items?count=30");
  const wave = items.filter((item) => item.available !== false).slice(0, 5);
  const events = wave.flatMap((item, i) =>
    Array.from({ length: 20 }, (_, n) => ({ user_id: `wave-${i}-${n}`, item_id: item.id, action: "like" })),
  );
  await api(server.url, "/api/v1/events", events);
  const category = wave[0].categories[0];
  await page.getByLabel("Category").fill(category);
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("heading", { name: category, exact: true }).waitFor();
  await until(page, () => document.querySelectorAll(".slate-row").length > 0 || document.querySelector(".empty"));
  const kinds = await page.locator(".slate-categories").allTextContents();
  assert.ok(kinds.length > 0 && kinds.every((text) => text.includes(category)), `${kinds}`);
});

onPage("the theme is chosen, and kept", {}, async (page) => {
  await page.locator(".board").waitFor();
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const button = page.getByRole("button", { name: /^Theme/ });
  assert.equal(await theme(), "light");
  await button.click();
  assert.equal(await button.getAttribute("aria-label"), "Theme: light");
  await page.keyboard.press("t");
  assert.equal(await theme(), "dark");
  await page.reload();
  await page.locator(".board").waitFor();
  assert.equal(await theme(), "dark");
  await button.click();
  assert.equal(await theme(), "light", "back to what the system says");
});

for (const theme of ["light", "dark"]) {
  onPage(`text is legible in the ${theme} theme`, { theme }, async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
    assert.deepEqual(await page.evaluate(faintPairs), []);
  });
}

const kPages = [
  ["overview", () => "#/", ".board"],
  ["users", () => "#/user", ".chip"],
  ["user", () => `#/user/${user}`, ".slate-row"],
  ["items", () => "#/item", ".item-grid"],
  ["item", () => `#/item/${encodeURIComponent(liked)}`, ".slate-row"],
  ["trending", () => "#/trending", ".slate-row"],
];
const kShapes = [["light", 1366, 900], ["dark", 1366, 900], ["light", 390, 844], ["dark", 390, 844], ["light", 320, 640]];
for (const [name, address, landmark] of kPages) {
  onPage(`${name} holds from a wide screen to a small phone, in both themes`, () => ({ hash: address() }), async (page) => {
    await page.locator(landmark).first().waitFor();
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
    for (const [theme, width, height] of kShapes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      assert.deepEqual(await page.evaluate(audit), [], `${theme}, ${width} pixels`);
      await shoot(page, `${name}-${theme}-${width}`, { fullPage: width === 1366 && name === "overview" });
    }
  });
}

test("a server that goes away is said, and its return is noticed", async () => {
  const mine = await makeStore(winnow);
  let own = await serve(winnow, mine.folder, "--port", "0");
  const { page, complaints, close } = await openPage(browser, own.url, { tolerate: [/Failed to load resource/] });
  try {
    await page.locator(".badge[data-state=online]").waitFor();
    await own.stop();
    await page.getByRole("alert").filter({ hasText: "The server does not answer." }).waitFor();
    await page.locator(".badge[data-state=offline]").waitFor();
    await shoot(page, "server-gone-light");
    own = await serve(winnow, mine.folder, "--port", String(own.port));
    await page.locator(".badge[data-state=online]").waitFor();
    await page.locator(".banner").waitFor({ state: "hidden" });
    assert.deepEqual(complaints, []);
  } finally {
    await close();
    await own.stop();
    await mine.remove();
  }
});

test("a server with keys asks for one, and again when it is wrong", async () => {
  const mine = await makeStore(winnow);
  const made = JSON.parse(run(winnow, "key", "new", "--name", "people", "--json"));
  await writeFile(
    join(mine.folder, "winnow.toml"),
    `[[server.keys]]\nname = "people"\nsha256 = "${made.sha256}"\nrights = ["read", "write"]\n`,
  );
  const own = await serve(winnow, mine.folder, "--port", "0");
  const { page, complaints, close } = await openPage(browser, own.url, { tolerate: [/401/] });
  try {
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("API key").fill("wrong");
    await dialog.getByRole("button", { name: "Use this key" }).click();
    await dialog.getByText("The server does not know that key.").waitFor();
    await dialog.getByRole("button", { name: "Not now" }).click();
    await page.locator(".banner", { hasText: "asks for an API key" }).waitFor();
    await page.getByRole("button", { name: "Enter a key" }).click();
    await dialog.getByLabel("API key").fill(made.key);
    await page.keyboard.press("Enter");
    await page.locator(".board").waitFor();
    await page.locator(".badge[data-state=online]").waitFor();
    assert.equal(await page.evaluate(() => window.localStorage.length), 0, "the key stays in the tab");
    await page.reload();
    await page.locator(".board").waitFor();
    assert.deepEqual(complaints, []);
  } finally {
    await close();
    await own.stop();
    await mine.remove();
  }
});
