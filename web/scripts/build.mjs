// Builds dist/: index.html, app.js, shared.js, one file per lazily loaded part, app.css and the static files.
// File names never change, so the server can embed them as they are; --watch builds again on every change.
import { cp, mkdir, readFile, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const watch = process.argv.includes("--watch");

// The parts that load on demand are entries of their own: they get a name that stays, and everything they have in
// common with the first page is in src/kernel.ts, hence in exactly one more file.
const options = {
  absWorkingDir: root,
  entryPoints: [
    { in: "src/main.tsx", out: "app" },
    { in: "src/styles/index.css", out: "app" },
    { in: "src/host/main.tsx", out: "host" },
    { in: "src/history/main.tsx", out: "history" },
    { in: "src/text/main.tsx", out: "text" },
    { in: "src/settings/main.tsx", out: "settings" },
  ],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !watch,
  sourcemap: watch ? "inline" : false,
  legalComments: "none",
  chunkNames: "shared",
  external: ["./inter.woff2"],
  logLevel: "warning",
};

async function statics() {
  await mkdir(dist, { recursive: true });
  await cp(join(root, "static"), dist, { recursive: true });
}

async function sizes() {
  let sum = 0;
  for (const name of (await readdir(dist)).sort()) {
    const bytes = await readFile(join(dist, name));
    const gz = /\.(woff2|png)$/.test(name) ? bytes.length : gzipSync(bytes, { level: 9 }).length;
    sum += gz;
    console.log(`${name.padEnd(24)} ${String(bytes.length).padStart(8)} B  ${(gz / 1024).toFixed(1).padStart(6)} KB gz`);
  }
  console.log(`${"in all".padEnd(24)} ${"".padStart(10)}  ${(sum / 1024).toFixed(1).padStart(6)} KB gz`);
}

if (watch) {
  await statics();
  const context = await esbuild.context(options);
  await context.watch();
  console.log("Watching src/ …");
} else {
  await rm(dist, { recursive: true, force: true });
  await statics();
  await esbuild.build(options);
  await sizes();
}
