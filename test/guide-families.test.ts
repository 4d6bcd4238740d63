// The families of a guide, each on a posterior whose best guide is known.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VariateError, type Diagnostic } from "../src/base/diagnostic.ts";
import { compile } from "../src/compile.ts";
import { reference } from "../src/exec/reference.ts";
import { infer } from "../src/infer.ts";
import type { Node } from "../src/ir/node.ts";
import { optionsOf, type JointRequest } from "../src/build/family/family.ts";
import { jointFamilies } from "../src/build/family/index.ts";
import { families, parseFamily } from "../src/model/families.ts";
import { add, constant, cos, mark, mul, param, scalar, stop, sub, sum, sumAxis } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { erase } from "../src/pass/erase.ts";
import type { Fit, InferOptions, RawData } from "../src/result.ts";
import { flat } from "./support/examples.ts";

const fitOf = (text: string, data: RawData = {}, options: InferOptions = {}): Promise<Fit> =>
  infer({ path: "m.ppl", text }, data, { predictive: false, ...options });

// ---------------------------------------------------------------------------------------- conjugate Gaussian

const x = [1, 2, 3, 4, 5, 6];
const y = [1.2, 2.3, 2.9, 4.1, 5.2, 5.8];
const [PRIOR, NOISE] = [3, 0.7];
const line = `
data { dim N; x: real[N]; y: real[N] }
model {
  sample a ~ Normal(0, ${PRIOR})
  sample b ~ Normal(0, ${PRIOR})
  plate i in N { observe y[i] ~ Normal(a + b * x[i], ${NOISE}) }
}`;

/** Posterior of (a, b), its mode, and the log evidence = log joint at the mode + log 2π + log det Σ / 2. */
function conjugate() {
  const total = (f: (i: number) => number): number => x.reduce((sum, _, i) => sum + f(i), 0);
  const [p, w] = [1 / PRIOR ** 2, 1 / NOISE ** 2];
  const [A, B, C] = [p + w * x.length, w * total((i) => x[i]!), p + w * total((i) => x[i]! ** 2)];
  const det = A * C - B * B;
  const [u, v] = [w * total((i) => y[i]!), w * total((i) => x[i]! * y[i]!)];
  const [a, b] = [(C * u - B * v) / det, (A * v - B * u) / det];
  const logNormal = (z: number, sd: number): number =>
    -0.5 * (z / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
  const joint = logNormal(a, PRIOR) + logNormal(b, PRIOR) + total((i) => logNormal(y[i]! - a - b * x[i]!, NOISE));
  const evidence = joint + Math.log(2 * Math.PI) - 0.5 * Math.log(det);
  // The best independent Gaussian has the precisions A and C (Bishop 2006, eq. 10.13).
  return { a, b, joint, evidence, meanField: evidence - 0.5 * Math.log((A * C) / det) };
}

describe("two correlated coordinates of a Gaussian posterior", () => {
  const exact = conjugate();
  const gap = (fit: Fit, wanted: number): number => Math.abs(fit.elbo.mean - wanted) - 4 * fit.elbo.se;

  test.each([["fixed"], ["adam"]] as const)("lowrank(1) holds it, %s", async (method) => {
    const fit = await fitOf(line, { x, y }, { guide: "lowrank(1)", method });
    expect(fit.converged).toBe(true);
    expect(gap(fit, exact.evidence)).toBeLessThan(0.01);
    expect(fit.guide).toBe("lowrank(rank = 1)");
  });

  test("delta is the mode, and the verdict says what it is not", async () => {
    const fit = await fitOf(line, { x, y }, { guide: "delta" });
    expect(fit.sites["a"]!.mean).toBeCloseTo(exact.a, 3);
    expect(fit.sites["b"]!.mean).toBeCloseTo(exact.b, 3);
    expect(fit.elbo.mean).toBeCloseTo(exact.joint, 4);
    expect(fit.verdict).toContain("a, b are points (delta): their spread is not fitted, the ELBO is no bound");
  });

  test("same is here the mean-field Gaussian", async () => {
    expect(gap(await fitOf(line, { x, y }, { guide: "same" }), exact.meanField)).toBeLessThan(0.05);
  });

  test("a mixture is at least as good as one of its components, and below the evidence", async () => {
    const { elbo } = await fitOf(line, { x, y }, { guide: "mixture(2)" });
    expect(elbo.mean).toBeGreaterThan(exact.meanField - 0.05 - 4 * elbo.se);
    expect(elbo.mean).toBeLessThan(exact.evidence + 4 * elbo.se);
  });

  test.each(["coupling", "iaf"])("flow(%s) comes near it", async (kind) => {
    const fit = await fitOf(line, { x, y }, { guide: `flow(${kind}, layers = 2, hidden = 8)` });
    expect(fit.method).toBe("adam");
    expect(gap(fit, exact.evidence)).toBeLessThan(0.06);
  });

  test("hamiltonian(3) turns momentum into the correlation that its Gaussian lacks", async () => {
    const fit = await fitOf(line, { x, y }, { guide: "hamiltonian(3)" });
    expect(fit.method).toBe("adam");
    expect(fit.elbo.mean - exact.meanField).toBeGreaterThan(0.5);
    expect(fit.elbo.mean).toBeLessThan(exact.evidence + 4 * fit.elbo.se);
    expect(fit.khat).toBeLessThan(0.7);
  });

  test("families of blocks beside a default", async () => {
    const fit = await fitOf(`${line}\nguide { default meanfield  block b: delta }`, { x, y });
    expect(fit.estimators.map(({ guide }) => guide)).toEqual(["Gaussian, mean-field", "a point (delta)"]);
    expect(fit.sites["b"]!.sd).toBeLessThan(1e-10);
    expect(fit.sites["a"]!.sd).toBeGreaterThan(0.1);
  });
});

// ---------------------------------------------------------------------------------------- other posteriors

/** log ∫∫ Π N(y_j; mu, sqrt(tau² + s_j²)) dP(mu) dP(tau), mu ~ N(0, 5), tau = 5 tan(π u / 2) with u uniform: midpoints. */
function eightSchoolsEvidence(schools: readonly (readonly [y: number, s: number])[]): number {
  const logNormal = (z: number, sd: number): number =>
    -0.5 * (z / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
  const [cells, reach] = [400, 40];
  let total = 0;
  for (let i = 0; i < cells; i++) {
    const tau = 5 * Math.tan((Math.PI / 2) * ((i + 0.5) / cells));
    for (let j = 0; j < cells; j++) {
      const mu = reach * ((2 * j + 1) / cells - 1);
      const log = schools.reduce((sum, [y, s]) => sum + logNormal(y - mu, Math.hypot(tau, s)), logNormal(mu, 5));
      total += (Math.exp(log) * ((2 * reach) / cells)) / cells;
    }
  }
  return Math.log(total);
}

test("hamiltonian on eight schools: no worse than the Gaussian that it starts from, below the evidence", async () => {
  const [text, data] = [
    readFileSync("examples/eight-schools/model.ppl", "utf8"),
    JSON.parse(readFileSync("examples/eight-schools/data.json", "utf8")) as RawData,
  ];
  const [meanField, moved] = [
    await fitOf(text, data, { guide: "meanfield" }),
    await fitOf(text, data, { guide: "hamiltonian(1)" }),
  ];
  const schools = (data["y"] as number[]).map((y, j) => [y, (data["sigma"] as number[])[j]!] as const);
  // Each fit ends within 0.05 nats of its best.
  expect(moved.elbo.mean).toBeGreaterThan(meanField.elbo.mean - 0.05 - 4 * moved.elbo.se);
  expect(moved.elbo.mean).toBeLessThan(eightSchoolsEvidence(schools) + 4 * moved.elbo.se);
  expect(moved.khat).toBeLessThan(0.7);
  // Mean and sd of the reference draws of posteriordb.
  expect(Math.abs((moved.sites["mu"]!.mean as number) - 4.42) / 3.32).toBeLessThan(0.15);
}, 180_000);

/** Two coin sides, 0 or m, told apart by every y: the slope has a sum over states inside. */
test("hamiltonian on a density with sites summed out", async () => {
  const text = `
data { dim N; y: real[N] }
model {
  sample m ~ Normal(0, 3)
  sample s ~ HalfNormal(1)
  plate i in N { @marginal sample z[i] ~ Bernoulli(0.3)  observe y[i] ~ Normal(m * z[i], s) }
}`;
  const data = { y: [0.1, 0.2, -0.3, 2.2, 2.4, 0.1, -0.2] };
  const [gaussian, moved] = [
    await fitOf(text, data, { guide: "fullrank" }),
    await fitOf(text, data, { guide: "hamiltonian(1)" }),
  ];
  expect(Math.abs(moved.elbo.mean - gaussian.elbo.mean)).toBeLessThan(0.15);
  expect(moved.sites["z"]!.mean).toEqual([0, 0, 0, 1, 1, 0, 0]);
});

/** Log evidence 0. */
const banana = "model { sample u ~ Normal(0, 2)  sample v ~ Normal(0.5 * u * u, 0.4) }";

test.each(["coupling", "iaf"])("on a banana flow(%s) beats the full-rank Gaussian", async (kind) => {
  const [gaussian, flow] = [
    await fitOf(banana, {}, { guide: "fullrank" }),
    await fitOf(banana, {}, { guide: `flow(${kind})` }),
  ];
  expect(flow.elbo.mean - gaussian.elbo.mean).toBeGreaterThan(0.3);
  expect(flow.elbo.mean).toBeLessThan(4 * flow.elbo.se);
});

test("same: a Beta for a Beta, a Dirichlet for a Dirichlet", async () => {
  const text = `
data { dim K; n: int[K] }
model {
  sample p ~ Beta(2, 3)
  observe n[0] ~ Binomial(10, p)
  sample w ~ Dirichlet(1.5, K)
  observe n ~ Multinomial(sum(n), w)
}
guide { default same }`;
  const fit = await fitOf(text, { n: [4, 1, 7] });
  expect(fit.estimators.map(({ guide }) => guide)).toEqual(["free Beta per member", "free Dirichlet per member"]);
  expect(fit.khat).toBeLessThan(0.7);
  expect(fit.sites["p"]!.mean).toBeCloseTo(6 / 15, 1);
  flat(fit.sites["w"]!.mean).forEach((mean, i) =>
    expect(Math.abs(mean - ([4, 1, 7][i]! + 1.5) / 16.5)).toBeLessThan(0.02),
  );
});

test("a mixture finds both modes, where one Gaussian sees one", async () => {
  // A fair coin between -2 and 2: log evidence 0.
  const text =
    "model { sample m ~ Flat()  factor log_sum_exp([log_prob(Normal(-2, 0.5), m), log_prob(Normal(2, 0.5), m)]) - log(2.0) }";
  const [one, two] = [await fitOf(text, {}, { guide: "meanfield" }), await fitOf(text, {}, { guide: "mixture(2)" })];
  expect(two.elbo.mean).toBeGreaterThan(-0.05 - 4 * two.elbo.se);
  expect(one.elbo.mean).toBeLessThan(-0.5);
  expect(Math.abs(two.sites["m"]!.mean as number)).toBeLessThan(0.3);
});

// ---------------------------------------------------------------------------------------- density and draw of a family

/** Slope of the log density -x²/2 + Σ sin(x_i + i) / 2 of each coordinate and of -(Σ x)² / 4. */
const slope = (at: Node): Node => {
  const shifts = constant(
    Array.from({ length: at.shape[0]! }, (_, i) => i),
    at.shape,
  );
  return sub(sub(mul(scalar(0.5), cos(add(at, shifts))), at), mul(scalar(0.5), sum(at)));
};

/** `drawn`: entries of a draw, where there are more than coordinates. */
const requests: readonly { readonly family: string; readonly size: number; readonly drawn?: number }[] = [
  { family: "hamiltonian(3)", size: 2, drawn: 4 },
  { family: "hamiltonian(1)", size: 1, drawn: 2 },
  { family: "lowrank(2)", size: 3 },
  { family: "mixture(3)", size: 2 },
  { family: "flow(coupling)", size: 3 },
  { family: "flow(coupling)", size: 1 },
  { family: "flow(iaf, layers = 3, hidden = 5)", size: 3 },
  { family: "flow(iaf)", size: 1 },
];

/** The guide at parameters away from its start, and the values of its leaves. */
function guideAt({ family, size, drawn }: (typeof requests)[number]) {
  const parsed = parseFamily(family);
  if ("problem" in parsed) throw new Error(parsed.problem);
  const row = jointFamilies.find(({ name }) => name === parsed.name)!;
  const request: JointRequest = { name: "g", size, option: optionsOf(parsed.options), slope };
  const specs = row.leaves(request);
  const leaves = specs.map(({ name, shape }) => param(name, [], shape));
  const params = Object.fromEntries(
    specs.map(({ name, start }, l) => [
      name,
      Float64Array.from(start, (value, i) => value + 0.4 * Math.sin(1 + 3 * l + 1.7 * i)),
    ]),
  );
  return {
    guide: row.at(leaves, request),
    again: row.at(leaves.map(stop), request),
    leaves,
    params,
    size: drawn ?? size,
  };
}

const DRAWS = 4000;

function valuesOf(
  outputs: Readonly<Record<string, Node>>,
  params: Readonly<Record<string, Float64Array>>,
  step = 0,
  draws = DRAWS,
): Record<string, Float64Array> {
  const names = Object.keys(outputs);
  const erased = erase(names.map((name) => outputs[name]!));
  const graph = { outputs: Object.fromEntries(names.map((name, i) => [name, erased[i]!])) };
  const out = reference.load(graph, {}).run({ params, sizes: { particle: draws, "%g#3": 3 }, seed: 5, step });
  return Object.fromEntries(names.map((name) => [name, out[name]!.values]));
}

const meanAndSe = (values: readonly number[]): readonly [number, number] => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length / (values.length - 1))];
};

describe.each(requests)("$family of $size", (request) => {
  const { guide, again, leaves, params, size } = guideAt(request);

  test("its density is that of its draws: E_q [r(z) / q(z)] = 1 for a density r within q", () => {
    const z = guide.draw();
    const { z: draws, q } = valuesOf({ z, q: guide.logProb(z) }, params) as { z: Float64Array; q: Float64Array };
    // r: a Gaussian about the draws' mean, of half their sd.
    const column = (j: number): number[] => Array.from({ length: DRAWS }, (_, k) => draws[k * size + j]!);
    const fitted = Array.from({ length: size }, (_, j) => {
      const [mean, se] = meanAndSe(column(j));
      return { mean, sd: 0.5 * se * Math.sqrt(DRAWS) };
    });
    const ratios = Array.from({ length: DRAWS }, (_, k) => {
      const logR = fitted.reduce(
        (sum, { mean, sd }, j) =>
          sum - 0.5 * ((draws[k * size + j]! - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI),
        0,
      );
      return Math.exp(logR - q[k]!);
    });
    const [mean, se] = meanAndSe(ratios);
    expect(se).toBeLessThan(0.2);
    expect(Math.abs(mean - 1)).toBeLessThan(4 * se);
  });

  test("its slope in the value, parameters held, is that of a density: E [d log q / dz_i] = 0, E [z_j d log q / dz_i] = -1 or 0 (Stein)", () => {
    const z = mark(guide.draw(), "g");
    const [slope] = grad(sumAxis(again.logProb(z), "particle"), [z]) as [Node];
    const { z: draws, g } = valuesOf({ z, g: slope }, params) as { z: Float64Array; g: Float64Array };
    const within = (product: (k: number) => number, wanted: number): void => {
      const [mean, se] = meanAndSe(Array.from({ length: DRAWS }, (_, k) => product(k)));
      expect(Math.abs(mean - wanted)).toBeLessThan(4.5 * se + 1e-9);
    };
    for (let i = 0; i < size; i++) {
      within((k) => g[k * size + i]!, 0);
      for (let j = 0; j < size; j++) within((k) => g[k * size + i]! * draws[k * size + j]!, i === j ? -1 : 0);
    }
  });

  test("its slope in the parameters, the value held, is a score: of mean 0", () => {
    const slopes = grad(sumAxis(guide.logProb(stop(guide.draw())), "particle"), leaves);
    const named = Object.fromEntries(slopes.map((node, i) => [String(i), node]));
    const batches = Array.from({ length: 30 }, (_, step) => valuesOf(named, params, step, 300));
    let moved = 0;
    for (const name of Object.keys(named)) {
      for (let i = 0; i < batches[0]![name]!.length; i++) {
        const [mean, se] = meanAndSe(batches.map((batch) => batch[name]![i]!));
        if (se > 1e-9) moved++;
        expect(Math.abs(mean)).toBeLessThan(5.5 * se + 1e-9);
      }
    }
    expect(moved).toBeGreaterThan(2 * size - 1);
  });
});

// ---------------------------------------------------------------------------------------- what is refused

const errorsOf = (text: string, options: InferOptions = {}, data: RawData = {}): readonly Diagnostic[] => {
  try {
    compile({ path: "m.ppl", text }, data, options);
    return [];
  } catch (error) {
    if (!(error instanceof VariateError)) throw error;
    return error.diagnostics.filter(({ severity }) => severity === "error");
  }
};

const refusals = (text: string, options: InferOptions = {}): readonly string[] =>
  errorsOf(text, options).map(({ code }) => code);

describe("refusals", () => {
  const model =
    "model { sample mu ~ Normal(0, 1)  sample u ~ Uniform(0, 1)  sample z ~ Bernoulli(0.5)  factor mu * u * z }";
  const summed = model.replace("sample z", "@marginal sample z");

  test.each([
    ["block z: delta", "PPL505"],
    ["block z: same", "PPL505"],
    ["block mu: lowrank(1)  block mu: delta", "PPL504"],
    ["block mu: delta  sample mu ~ Normal(0, 1)", "PPL504"],
    ["default lowrank", "PPL308"],
    ["default lowrank(0)", "PPL308"],
    ["default lowrank(1.5)", "PPL308"],
    ["default mixture(1)", "PPL308"],
    ["default flow(planar)", "PPL308"],
    ["default flow(iaf, depth = 2)", "PPL308"],
    ["default delta(1)", "PPL308"],
    ["block u: same", "PPL511"],
    ["default hamiltonian", "PPL308"],
    ["default hamiltonian(0)", "PPL308"],
  ])("guide { %s }: %s", (guide, code) => {
    expect(refusals(`${model}\nguide { ${guide} }`)).toEqual([code]);
  });

  test("every family of the table is taken by default, and by the option", () => {
    const written: Readonly<Record<string, string>> = {
      lowrank: "lowrank(1)",
      mixture: "mixture(2)",
      flow: "flow(iaf)",
      hamiltonian: "hamiltonian(2)",
    };
    for (const { name } of families) {
      expect(refusals(`${summed}\nguide { default ${written[name] ?? name} }`)).toEqual([]);
      expect(refusals(summed, { guide: written[name] ?? name })).toEqual([]);
    }
  });

  test("an option that names none", () => {
    expect(refusals(model, { guide: "fulrank" })).toEqual(["PPL511"]);
    expect(refusals(model, { guide: "lowrank" })).toEqual(["PPL511"]);
  });

  test.each([
    [
      "a discrete site that is drawn",
      "sample z ~ Bernoulli(0.5)  factor a * z",
      "default hamiltonian(2)",
      /`z` has no smooth draw/,
    ],
    [
      "a site whose guide reads the block",
      "",
      "block a: hamiltonian(2)  sample b ~ Normal(a, 1)",
      /the guide of `b` reads it/,
    ],
    ["two blocks that each read the other", "", "block a: hamiltonian(2)  block b: hamiltonian(1)", /`b` has one too/],
  ])("hamiltonian beside %s", (_, more, guide, says) => {
    const text = `model { sample a ~ Normal(0, 1)  sample b ~ Normal(a, 1)  factor a * b  ${more} }\nguide { ${guide} }`;
    const found = errorsOf(text);
    expect(found.map(({ code }) => code)).toEqual(["PPL511"]);
    expect(found[0]!.message).toMatch(says);
  });

  test("hamiltonian with a batch", () => {
    expect(errorsOf(line, { guide: "hamiltonian(2)", batch: { N: 2 } }, { x, y }).map(({ code }) => code)).toEqual([
      "PPL507",
    ]);
  });

  test("hamiltonian takes other blocks beside it", () => {
    expect(refusals(`${summed}\nguide { default meanfield  block u: hamiltonian(2) }`)).toEqual([]);
  });

  test("a flow on held draws", () => {
    expect(refusals(model, { guide: "flow(iaf)", method: "fixed" })).toEqual(["PPL511"]);
  });
});
