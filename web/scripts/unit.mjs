// Bundles test/*.test.ts with the code they test and runs them under node's own test runner.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = await mkdtemp(join(tmpdir(), "holdfast-web-"));
try {
  const tests = (await readdir(join(root, "test"))).filter((n) => n.endsWith(".test.ts"));
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: tests.map((n) => join("test", n)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".css": "text" },
    inject: [join(root, "test", "browser.ts")],
    logLevel: "warning",
  });
  const files = (await readdir(out)).filter((n) => n.endsWith(".mjs")).map((n) => join(out, n));
  process.exitCode = spawnSync(process.execPath, ["--test", "--test-timeout=60000", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
