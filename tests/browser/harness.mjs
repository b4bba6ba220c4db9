// What the tests of the dashboard stand on: a store with a made-up service and a trained model, a server of its own on
// loopback, Chromium, and pages that note every console message, error and request.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const kChromium = "/usr/bin/chromium";
const kSkipped = 77;

// Ends the program as "skipped", which is neither passed nor failed.
function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(kSkipped);
}

export async function loadPlaywright() {
  if (!existsSync(kChromium)) skip(`${kChromium} is missing; tools/install-dependencies test installs it`);
  if (!existsSync(join(here, "node_modules", "playwright-core"))) {
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: here, encoding: "utf8" });
    if (npm.status !== 0) skip(`npm ci failed in tests/browser: ${npm.stderr ?? npm.error}`);
  }
  return (await import("playwright-core")).chromium;
}

export async function launch(chromium) {
  return chromium.launch({
    executablePath: kChromium,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export function run(binary, ...args) {
  const done = spawnSync(binary, args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`winnow ${args.join(" ")} ended with ${done.status}:\n${done.stderr}${done.stdout}`);
  return done.stdout;
}

export async function makeStore(binary) {
  const folder = await mkdtemp(join(tmpdir(), "winnow-browser-"));
  run(binary, "simulate", "--data", folder, "--users", "300", "--items", "400", "--events", "30000", "--seed", "7");
  run(binary, "train", "--data", folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

// A server that is ready to answer. stop() ends this very process and waits until it is gone.
export async function serve(binary, folder, ...flags) {
  const child = spawn(binary, ["serve", "--data", folder, "--json", "--no-training", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (text) => (complaint += text));
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const first = createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const line = await Promise.race([first, ended.then((code) => Promise.reject(new Error(`serve ended: ${code}\n${complaint}`)))]);
  const { url, port } = JSON.parse(line.value);
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  const deadline = Date.now() + 30_000;
  for (;;) {
    const ready = await fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false);
    if (ready) return { url, port, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`the server at ${url} is not ready after 30 s\n${complaint}`);
    }
  }
}

export async function api(url, path, body) {
  const answer = await fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

// A page in a browser profile of its own. `complaints` are console errors and warnings, uncaught errors, and requests
// to anywhere but the server; `tolerate` takes those that the test itself provokes.
export async function openPage(browser, url, { hash = "#/", theme = "light", width = 1366, height = 900, tolerate = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  const complain = (text) => {
    if (!tolerate.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`uncaught: ${error.message}`));
  page.on("dialog", (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`)) complain(`external request: ${request.url()}`);
  });
  await page.goto(`${url}/${hash}`);
  await page.locator(".bar").waitFor();
  return { page, complaints, close: () => context.close() };
}

export async function screenshots(folder) {
  await mkdir(folder, { recursive: true });
  return (page, name, options = {}) => page.screenshot({ path: join(folder, `${name}.png`), ...options });
}
