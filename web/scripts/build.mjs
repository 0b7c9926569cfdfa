// Builds dist/: index.html, app.js, shared.js, one file per lazily loaded part, app.css and the static files.
// File names never change, so the server can embed them as they are; --watch builds again on every change.
// A build that weighs more than the limits below fails.
import { cp, mkdir, readFile, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
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
    { in: "src/lobby/SettingFields.tsx", out: "rules" },
    { in: "src/history/main.tsx", out: "history" },
    { in: "src/text/main.tsx", out: "text" },
    { in: "src/settings/main.tsx", out: "settings" },
    { in: "src/room/sheets.tsx", out: "sheets" },
    { in: "src/room/AfterHand.tsx", out: "after" },
    { in: "src/room/Door.tsx", out: "door" },
    { in: "src/handover/main.tsx", out: "handover" },
    { in: "src/fx/kit.ts", out: "sound" },
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

/** What the built files may weigh in KB as browsers receive them, by brotli at its best (crates/app/build.rs): what a first visit loads, each part that loads later, and everything. */
const LIMITS = { "first page: scripts": 45, "first page: styles": 12, "a later part": 20, "in all": 150 };
const FIRST = ["app.js", "shared.js"];

async function weigh() {
  const sums = { "first page: scripts": 0, "first page: styles": 0, "in all": 0 };
  const faults = [];
  const limit = (name, kind, kb) =>
    kb > LIMITS[kind] && faults.push(`${name}: ${kb.toFixed(1)} KB, the limit is ${LIMITS[kind]} KB`);
  const print = (name, bytes, kb) => console.log(`${name.padEnd(24)} ${bytes.padStart(8)} ${kb.toFixed(1).padStart(8)} KB br`);
  for (const name of (await readdir(dist)).sort()) {
    const bytes = await readFile(join(dist, name));
    const kb = (/\.(woff2|png)$/.test(name) ? bytes.length : brotliCompressSync(bytes).length) / 1024;
    print(name, String(bytes.length), kb);
    sums["in all"] += kb;
    if (FIRST.includes(name)) sums["first page: scripts"] += kb;
    else if (name.endsWith(".css")) sums["first page: styles"] += kb;
    else if (name.endsWith(".js")) limit(name, "a later part", kb);
  }
  for (const [kind, kb] of Object.entries(sums)) {
    print(kind, "", kb);
    limit(kind, kind, kb);
  }
  if (faults.length > 0) {
    console.error(`Too heavy:\n  ${faults.join("\n  ")}`);
    process.exitCode = 1;
  }
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
  await weigh();
}
