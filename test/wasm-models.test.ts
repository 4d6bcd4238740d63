// The WebAssembly engine against the reference on the graphs of whole models: one evaluation of value and gradient, of both protocols, in both precisions.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Source } from "../src/base/span.ts";
import type { Prepared } from "../src/build/prepared.ts";
import { compile, type CompileOptions } from "../src/compile.ts";
import type { Inputs } from "../src/exec/engine.ts";
import { wasm } from "../src/exec/wasm.ts";
import type { Graph } from "../src/ir/node.ts";
import type { RawData } from "../src/result.ts";
import { axesOf, dataOf, evaluation, sizesOf } from "../src/run/graphs.ts";
import { bugsCases } from "./support/bugs.ts";
import { difference, engineGap, someNoise, someParams } from "./support/engines.ts";
import { EXAMPLES, readData, readModel, type Example } from "./support/examples.ts";
import { hasData, posteriors } from "./support/posteriordb.ts";
import { judged } from "./support/rounded.ts";

const CLOSE = 1e-10;

type Evaluation = {
  readonly graph: Graph;
  readonly data: Readonly<Record<string, Float64Array>>;
  readonly inputs: Inputs;
};

function evaluationOf(prepared: Prepared, batch: Readonly<Record<string, number>>, particles: number): Evaluation {
  const { graph } = evaluation(prepared, batch);
  const sizes = sizesOf(prepared, axesOf(graph), particles, batch);
  const spread = ([plate, n]: readonly [string, number]) =>
    [plate, Int32Array.from({ length: n }, (_, i) => (7 * i + 3) % prepared.bound.sizes[plate]!)] as const;
  const inputs = {
    params: someParams(Object.values(graph.outputs), sizes),
    sizes,
    seed: 1,
    step: 2,
    members: Object.fromEntries(Object.entries(batch).map(spread)),
    fullSizes: sizesOf(prepared, axesOf(graph), particles),
  };
  return { graph, data: dataOf(prepared), inputs };
}

const compiled = (source: Source, data: RawData | null, options: CompileOptions, particles: number): Evaluation =>
  evaluationOf(compile(source, data, options).prepared, options.batch ?? {}, particles);

/** Where the point of the tests lies beyond float32: a term of 1e43, a solution that has left its range, probabilities of e^-300, or within 6e-8 of 1. */
const BEYOND_SINGLE: readonly string[] = [
  "soil_carbon-soil_incubation",
  "sir-sir",
  "dogs-dogs_log",
  "Mth_data-Mth_model",
];

function expectAgreement({ graph, data, inputs }: Evaluation, name = ""): void {
  const gap = engineGap(graph, data, inputs);
  expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
  expect(gap.finite).toBeGreaterThan(0.5);
  if (BEYOND_SINGLE.includes(name)) return;
  const less = judged(graph, data, inputs, "f32");
  expect(less.error, `float32: ${JSON.stringify(less)}`).toBeLessThan(1);
  expect(less.counted).toBeGreaterThanOrEqual(0.5 * less.finite);
}

const example = (name: Example, options: CompileOptions, particles: number): Evaluation =>
  compiled(readModel(`examples/${name}/model.ppl`), readData(`examples/${name}/data.json`), options, particles);

/** Their draws cannot be held fixed. */
const STOCHASTIC: readonly Example[] = ["counted-cost", "lda", "mixture", "sigmoid-belief-net"];
const posterior = hasData ? posteriors() : [];

describe("the fixed protocol", () => {
  test.each(EXAMPLES.filter((name) => !STOCHASTIC.includes(name)))("%s", (name) =>
    expectAgreement(example(name, { method: "fixed" }, 5)),
  );
  test("mixture with its states summed out", () =>
    expectAgreement(example("mixture", { method: "fixed", policy: "exact" }, 4)));
  test.each(Object.keys(bugsCases))("BUGS %s", (name) =>
    expectAgreement(
      compiled(readModel(`test/models/bugs/${name}.ppl`), bugsCases[name]!().data, { method: "fixed" }, 3),
    ),
  );
  test.each(posterior.map((p) => [p.name, p] as const))("posteriordb %s", (path, { text, data }) =>
    expectAgreement(compiled({ path, text }, data, { method: "fixed" }, 1), path),
  );
});

describe("the stochastic protocol", () => {
  test.each(EXAMPLES)("%s", (name) => expectAgreement(example(name, { method: "adam" }, 5)));
  test.each(Object.keys(bugsCases))("BUGS %s", (name) =>
    expectAgreement(
      compiled(readModel(`test/models/bugs/${name}.ppl`), bugsCases[name]!().data, { method: "adam" }, 3),
    ),
  );
  test.each(posterior.map((p) => [p.name, p] as const))("posteriordb %s", (path, { text, data }) =>
    expectAgreement(compiled({ path, text }, data, { method: "adam" }, 1), path),
  );

  const OPTIONS: readonly (readonly [Example, CompileOptions])[] = [
    ["wells", { batch: { N: 37 } }],
    ["radon", { batch: { N: 64 } }],
    ["lda", { particles: 3 }],
    ["eight-schools", { objective: "iwae" }],
    ["eight-schools", { objective: "renyi(alpha=0.5)" }],
    ["mixture", { objective: "vargrad" }],
    ["mixture", { estimators: { z: "arsm" } }],
    ["mixture", { estimators: { z: "loo" } }],
    ["mixture", { estimators: { z: "rebar" } }],
    ["eight-schools", { guide: "lowrank(2)" }],
    ["eight-schools", { guide: "flow(iaf, layers = 2)" }],
  ];
  test.each(OPTIONS.map(([name, options]) => [name, JSON.stringify(options), options] as const))(
    "%s with %s",
    (name, _, options) => expectAgreement(example(name, { method: "adam", ...options }, options.particles ?? 4)),
  );
});

describe("models of the tests, on sizes and values that stand in", () => {
  const files = readdirSync("test/models", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ppl") && !/bugs|posteriordb/.test(file),
  );
  test.each(files.sort())("%s", (file) => expectAgreement(compiled(readModel(`test/models/${file}`), null, {}, 3)));
});

test("the noise of the run takes the place of the generator's", () => {
  const { graph, data, inputs } = example("eight-schools", { method: "adam" }, 7);
  const noise = someNoise(Object.values(graph.outputs), inputs.sizes);
  expect(Object.keys(noise).length).toBeGreaterThan(0);
  expectAgreement({ graph, data, inputs: { ...inputs, noise } });
  const executable = wasm.load(graph, data);
  expect(difference(executable.run(inputs), executable.run({ ...inputs, noise })).error).toBeGreaterThan(1e-3);
});

test("one plan after the other: as many draws as the run says", () => {
  const { prepared } = compile(
    readModel("examples/eight-schools/model.ppl"),
    readData("examples/eight-schools/data.json"),
    {},
  );
  const executable = wasm.load(evaluation(prepared, {}).graph, dataOf(prepared));
  for (const particles of [1, 8, 33, 8, 2, 5, 16, 1]) {
    const { graph, data, inputs } = evaluationOf(prepared, {}, particles);
    expectAgreement({ graph, data, inputs });
    expect(executable.run(inputs)["value"]!.values).toEqual(wasm.load(graph, data).run(inputs)["value"]!.values);
  }
});
