// Bundles every src/**/*.test.ts into a temporary folder and hands the files to Node's own test runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("..", import.meta.url));

async function testsUnder(folder) {
  const entries = await readdir(join(web, folder), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return testsUnder(path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    }),
  );
  return nested.flat().sort();
}

const entryPoints = await testsUnder("src");
const outdir = await mkdtemp(join(tmpdir(), "winnow-web-test-"));
try {
  await build({
    absWorkingDir: web,
    entryPoints,
    outbase: "src",
    outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: ["node18"],
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
    logLevel: "warning",
  });
  const files = entryPoints.map((path) => join(outdir, path.replace(/^src\//, "").replace(/\.ts$/, ".mjs")));
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} finally {
  await rm(outdir, { recursive: true, force: true });
}
