// Builds dist/: index.html, favicon.svg and one script and one stylesheet whose names carry their hash, so that
// a server may let browsers keep /assets/* for ever. The same sources give the same bytes.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("..", import.meta.url));
const dist = join(web, "dist");

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const { metafile } = await build({
  absWorkingDir: web,
  entryPoints: { app: "src/main.ts" },
  entryNames: "assets/[name].[hash]",
  outdir: "dist",
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});

const outputs = Object.keys(metafile.outputs);
const named = (extension) => {
  const found = outputs.find((path) => path.endsWith(extension));
  if (!found) throw new Error(`esbuild wrote no ${extension} file`);
  return `/assets/${basename(found)}`;
};

const template = await readFile(join(web, "static", "index.html"), "utf8");
await writeFile(
  join(dist, "index.html"),
  template.replace("{{script}}", named(".js")).replace("{{style}}", named(".css")),
);
await cp(join(web, "static", "favicon.svg"), join(dist, "favicon.svg"));

let total = 0;
for (const path of [...outputs, "dist/index.html", "dist/favicon.svg"]) {
  const { size } = await stat(join(web, path));
  total += size;
  console.log(`${path.padEnd(36)} ${(size / 1024).toFixed(1).padStart(7)} KB`);
}
console.log(`${"total".padEnd(36)} ${(total / 1024).toFixed(1).padStart(7)} KB`);
