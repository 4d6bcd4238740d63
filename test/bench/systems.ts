// The systems that are compared: how each is started on a workload, which workloads it has, and what is missing where it cannot be.

import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import type { Kind, Workload } from "./workloads.ts";

export type System = {
  readonly name: string;
  /** Why it cannot run here, null where it can. */
  readonly missing: () => string | null;
  /** Null: it has no such workload. `data`: path of the JSON file that all systems read. */
  readonly command: (workload: Workload, data: string) => readonly string[] | null;
};

const HERE = "test/bench";
export const PYTHON = process.platform === "win32" ? `${HERE}/.venv/Scripts/python.exe` : `${HERE}/.venv/bin/python`;
/** Peers that npm has, apart from the project's own packages. */
export const NODE_PEERS = `${HERE}/.peers`;
const TYPESCRIPT = [process.execPath, "--import", "tsx"];

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

const python =
  (module: string, hint = "") =>
  (): string | null =>
    existsSync(PYTHON) && runs(PYTHON, ["-c", `import ${module}`]) ? null : `run \`npm run bench:peers${hint}\``;

const packaged = (name: string) => (): string | null =>
  existsSync(`${NODE_PEERS}/node_modules/${name}`) ? null : "run `npm run bench:peers`";

export const stanMissing = (): string | null =>
  runs("Rscript", ["-e", "library(rstan); library(jsonlite)"]) ? null : "R and its package rstan are not installed";

const has = (kinds: readonly Kind[], { kind }: Workload): boolean => kinds.includes(kind);

const numpyro = (name: string, flags: readonly string[]): System => ({
  name,
  missing: python("numpyro"),
  command: ({ kind, guide, draws }, data) => [
    PYTHON,
    `${HERE}/peers/numpyro_worker.py`,
    kind,
    guide,
    String(draws),
    data,
    ...flags,
  ],
});

const tensorflow = (backend: "cpu" | "wasm"): System => ({
  name: `TensorFlow.js ${backend}`,
  missing: packaged("@tensorflow/tfjs"),
  command: (workload, data) =>
    has(["eight-schools", "logistic", "radon"], workload) && workload.guide === "meanfield"
      ? [...TYPESCRIPT, `${HERE}/peers/tensorflow.ts`, backend, workload.kind, String(workload.draws), data]
      : null,
});

const variate = (precision: "f64" | "f32"): System => ({
  name: `Variate ${precision}`,
  missing: () => null,
  command: ({ name }) => [...TYPESCRIPT, `${HERE}/variate-worker.ts`, name, precision],
});

/** The first is the one that the others are compared with. */
export const systems: readonly System[] = [
  variate("f64"),
  variate("f32"),
  numpyro("NumPyro", []),
  numpyro("NumPyro x64", ["--x64"]),
  {
    name: "Pyro",
    missing: python("pyro", " -- --pyro"),
    command: (workload, data) =>
      has(["eight-schools", "logistic"], workload)
        ? [PYTHON, `${HERE}/peers/pyro_worker.py`, workload.kind, workload.guide, String(workload.draws), data]
        : null,
  },
  {
    name: "Stan ADVI",
    missing: stanMissing,
    command: (workload, data) =>
      has(["eight-schools", "logistic", "radon", "autoregression"], workload)
        ? ["Rscript", `${HERE}/peers/stan_worker.R`, workload.kind, workload.guide, String(workload.draws), data]
        : null,
  },
  tensorflow("cpu"),
  tensorflow("wasm"),
  {
    name: "WebPPL",
    missing: packaged("webppl"),
    command: (workload, data) =>
      has(["eight-schools", "logistic"], workload) && workload.guide === "meanfield" && workload.draws === 1
        ? [process.execPath, `${HERE}/peers/webppl-worker.cjs`, workload.kind, data]
        : null,
  },
];
