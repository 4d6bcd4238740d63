// Long runs: does a step slow down (denormal numbers) or memory grow? Every example and test model makes so many stochastic steps on the wasm engine; printed
// are the microseconds of processor time of a step in the first and in the last tenth (the best call of each), steps that were left out, and what memory
// grew by.
// npm run long-runs [-- --steps N] [--seconds N per model] [--only TEXT]

import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Source } from "../../src/base/span.ts";
import { compile, type CompileOptions } from "../../src/compile.ts";
import { firstWeight } from "../../src/fit/score-weight.ts";
import type { RawData } from "../../src/result.ts";
import { stochasticTarget } from "../../src/run/stochastic-target.ts";
import { bugsCases } from "../support/bugs.ts";
import { EXAMPLES, readData, readModel } from "../support/examples.ts";
import { hasData, posteriors } from "../support/posteriordb.ts";

type Case = { readonly name: string; readonly source: Source; readonly data: RawData | null };

/** A step of the last tenth may take so many times that of the first. */
const SLOWER = 1.5;
/** Memory that a run may keep, in MB. */
const GROWN = 32;
/** Microseconds that a call takes at least, and calls in which the platform is still compiling. */
const CALL = 10_000;
const WARM_UP = 12;

const cases = (): readonly Case[] => [
  ...EXAMPLES.map((name) => ({
    name: `examples/${name}`,
    source: readModel(`examples/${name}/model.ppl`),
    data: readData(`examples/${name}/data.json`),
  })),
  ...Object.entries(bugsCases).map(([name, make]) => ({
    name: `bugs/${name}`,
    source: readModel(`test/models/bugs/${name}.ppl`),
    data: make().data,
  })),
  ...(hasData ? posteriors() : []).map(({ name, text, data }) => ({
    name: `posteriordb/${name}`,
    source: { path: name, text },
    data,
  })),
  ...readdirSync("test/models", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ppl") && !/bugs|posteriordb/.test(file))
    .map((file) => ({ name: file, source: readModel(`test/models/${file}`), data: null })),
];

/** Calls of one run: the number of the last step, and microseconds per step. */
type Call = { readonly step: number; readonly microseconds: number };

/** In microseconds: other processes do not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

type Long = {
  readonly steps: number;
  readonly first: number;
  readonly last: number;
  readonly lost: number;
  readonly grown: number;
};

function longRun({ source, data }: Case, steps: number, seconds: number): Long {
  const options: CompileOptions = { method: "adam" };
  const { prepared, engine, wishes } = compile(source, data, options);
  const setup = { particles: wishes.particles, seed: 1, batch: wishes.batch };
  const { target } = stochasticTarget(prepared, engine.engine, setup, []);
  const leg = { params: target.start, from: 0, length: steps, rate: 0.05, weight: firstWeight("adaptive") };
  const calls: Call[] = [];
  let [at, lost, memory] = [target.begin(leg), 0, 0];
  const end = performance.now() + 1000 * seconds;
  for (let chunk = 1; at.step < steps && performance.now() < end;) {
    const count = Math.min(chunk, steps - at.step);
    const began = processorTime();
    const { to, values } = target.advance(at, count);
    const took = processorTime() - began;
    if (took < CALL) chunk *= 2;
    lost += values.filter(Number.isNaN).length;
    at = to;
    calls.push({ step: at.step, microseconds: took / count });
    if (calls.length === WARM_UP) memory = process.memoryUsage().rss;
  }
  const done = at.step;
  const best = (from: number, to: number): number =>
    Math.min(...calls.slice(WARM_UP).flatMap((c) => (c.step > from && c.step <= to ? [c.microseconds] : [])));
  const grown = memory === 0 ? 0 : (process.memoryUsage().rss - memory) / 2 ** 20;
  return {
    steps: done,
    first: best(0, Math.max(done / 10, calls[WARM_UP]?.step ?? 0)),
    last: best(0.9 * done, done),
    lost,
    grown,
  };
}

function main(): void {
  const { values } = parseArgs({
    options: { steps: { type: "string" }, seconds: { type: "string" }, only: { type: "string" } },
  });
  const [steps, seconds] = [Number(values.steps ?? 200_000), Number(values.seconds ?? Infinity)];
  let bad = 0;
  console.log(`${"model".padEnd(48)} ${"steps".padStart(8)}   first    last  ratio   lost  MB`);
  for (const own of cases().filter(({ name }) => name.includes(values.only ?? ""))) {
    const { steps: done, first, last, lost, grown } = longRun(own, steps, seconds);
    const ratio = last / first;
    const isBad = ratio > SLOWER || grown > GROWN;
    if (isBad) bad++;
    const figures = [first, last, ratio].map((x) => (Number.isFinite(x) ? x.toFixed(2) : "-").padStart(7)).join(" ");
    const name = own.name.padEnd(48);
    console.log(
      `${name} ${String(done).padStart(8)} ${figures} ${String(lost).padStart(6)} ${grown.toFixed(0).padStart(3)}${isBad ? "  !" : ""}`,
    );
  }
  console.log(bad === 0 ? "none slows down or grows" : `${bad} slow down or grow`);
  process.exitCode = bad === 0 ? 0 : 1;
}

main();
