// The machine and the versions, in general terms, for the head of a report.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { NODE_PEERS, PYTHON } from "./systems.ts";

export function describeMachine(): string {
  const all = cpus();
  const model = (all[0]?.model ?? "unknown processor").replace(/\s+/g, " ").trim();
  return `${model}, ${all.length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
}

const PACKAGES = ["numpyro", "jax", "optax", "pyro-ppl", "torch"];
const NODE_PACKAGES = ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "webppl"];

/** Versions of what is there. */
export function versions(): Readonly<Record<string, string>> {
  return { node: process.versions.node, ...pythonVersions(), ...nodeVersions(), ...stanVersion() };
}

function pythonVersions(): Record<string, string> {
  if (!existsSync(PYTHON)) return {};
  const script = `import importlib.metadata as m, json, platform
found = {"python": platform.python_version()}
for name in ${JSON.stringify(PACKAGES)}:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))`;
  const { stdout } = spawnSync(PYTHON, ["-c", script], { encoding: "utf8" });
  return JSON.parse(stdout) as Record<string, string>;
}

function nodeVersions(): Record<string, string> {
  const file = (name: string): string => `${NODE_PEERS}/node_modules/${name}/package.json`;
  return Object.fromEntries(
    NODE_PACKAGES.filter((name) => existsSync(file(name))).map((name) => [
      name,
      (JSON.parse(readFileSync(file(name), "utf8")) as { version: string }).version,
    ]),
  );
}

function stanVersion(): Record<string, string> {
  const { status, stdout } = spawnSync("Rscript", ["-e", 'cat(as.character(packageVersion("rstan")))'], {
    encoding: "utf8",
  });
  return status === 0 ? { rstan: stdout.trim() } : {};
}
