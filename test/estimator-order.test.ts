// What estimators cost: variances in their order, second derivatives, the size of the graph.

import { describe, expect, test } from "vitest";
import { planOf } from "../src/build/prepare.ts";
import { enumerate } from "../src/estimator/enumerate.ts";
import type { Placed } from "../src/estimator/estimator.ts";
import { total } from "../src/estimator/total.ts";
import { reference } from "../src/exec/reference.ts";
import { topological } from "../src/ir/walk.ts";
import { elbo } from "../src/objective/elbo.ts";
import { sumPlates, type Reduction } from "../src/objective/reduce.ts";
import type { PlacedSite } from "../src/objective/term.ts";
import { addAll, mul, stop } from "../src/op/index.ts";
import { buildObjective, finish, gradients } from "../src/run/graphs.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import { distance, noisyIn, sitesOf, truthOf, type Choice } from "./support/exact-checks.ts";
import { exactGradient, exactHessian, rulesOf, type Theta } from "./support/exact-elbo.ts";
import type { TestModel } from "./support/exact-model.ts";
import { models, type ModelName } from "./support/exact-models.ts";
import { contests, DRAWS, measure, signalToNoise } from "./support/variance-table.ts";
import {
  BOUND,
  compiled,
  expectation,
  moments,
  replicates,
  worstZ,
  type Other,
  type Setup,
} from "./support/exact-replicates.ts";

// ---------------------------------------------------------------------------------------- variance

const traceVariance = (model: TestModel, setup: Setup): number =>
  moments(replicates(model, setup).run(4000).gradient).variance.reduce((a, b) => a + b, 0);

/** Parameters moved uphill along exact gradients. */
function nearOptimum(model: TestModel, steps: number, size: number): TestModel {
  const rules = rulesOf(model.knots);
  let theta: Theta = model.theta;
  for (let step = 0; step < steps; step++) {
    const slope = exactGradient(model, theta, rules);
    let i = 0;
    theta = Object.fromEntries(
      Object.entries(theta).map(([name, values]) => [name, values.map((x) => x + size * slope[i++]!)]),
    );
  }
  return { ...model, theta };
}

describe("variance", () => {
  test("the path derivative is zero for every draw where the guide is the posterior", () => {
    const { gradient } = replicates(models.conjugate, { estimators: { mu: "path" } }).run(500);
    expect(Math.max(...gradient.flatMap((g) => [...g].map(Math.abs)))).toBeLessThan(1e-10);
    expect(traceVariance(models.conjugate, { estimators: { mu: "total" } })).toBeGreaterThan(0.5);
  });

  test.each([
    ["hierarchy", { mu: "path", x: "path" }, 300, 0.1],
    ["discreteAbove", { z: "enumerate", x: "path" }, 200, 0.3],
  ] as const)("path below total at the optimum: %s", (name, choice, steps, size) => {
    const model = nearOptimum(models[name], steps, size);
    const total = Object.fromEntries(Object.entries(choice).map(([s, e]) => [s, e === "path" ? "total" : e]));
    expect(traceVariance(model, { estimators: choice })).toBeLessThan(
      0.7 * traceVariance(model, { estimators: total }),
    );
  });

  test.each(["chain", "nested", "twoIndices", "count", "grid"] as const)("leave-one-out below score: %s", (name) => {
    const all = (estimator: string): Choice =>
      Object.fromEntries(sitesOf(name).map((site) => [site, site === "mu" || site === "x" ? "path" : estimator]));
    const [plain, baseline] = [
      traceVariance(models[name], { estimators: all("score"), particles: 2 }),
      traceVariance(models[name], { estimators: all("loo"), particles: 2 }),
    ];
    expect(baseline).toBeLessThan(0.8 * plain);
  });

  test.each(["chain", "nested", "grid", "ownPlate"] as const)("enumeration has none: %s", (name) => {
    expect(
      traceVariance(models[name], { estimators: Object.fromEntries(sitesOf(name).map((s) => [s, "enumerate"])) }),
    ).toBeLessThan(1e-20);
  });

  test("credit kept apart by members is less noisy than the total", () => {
    const kept = moments(replicates(models.gather, { estimators: { z: "score", x: "path" } }).run(4000).gradient);
    const total = moments(
      replicates(
        models.gather,
        { estimators: { z: "score", x: "path" } },
        {
          objective: (program, r) =>
            elbo(
              program.terms,
              program.leaves.map((l) => l.node),
              {
                ...r,
                sites: program.placed.map((p) =>
                  p.site.name === "z" ? { ...p, placed: totalCredit(p, program.terms, r) } : p,
                ),
              },
            ),
        },
      ).run(4000).gradient,
    );
    expect(worstZ(total, truthOf(models.gather).gradient)).toBeLessThan(BOUND);
    expect(kept.variance[0]!).toBeLessThan(0.6 * total.variance[0]!);
  });
});

function totalCredit({ placed, site }: PlacedSite, terms: Parameters<typeof elbo>[0], r: Reduction): Placed {
  const all = addAll(terms.map((t) => sumPlates(t.node, t.plates, [], r)));
  return { ...placed, surrogate: () => mul(stop(all), site.guide.logProb(placed.value)) };
}

// ---------------------------------------------------------------------------------------- the table of the documentation

describe("the orders of the table of variances", () => {
  test.each(contests.map((contest) => [contest.title, contest] as const))("%s", (_title, contest) => {
    const rows = measure(contest, 4000);
    const varianceOf = (label: string): number => rows.find((row) => row.label === label)!.variance;
    for (const [quieter, noisier, factor] of contest.orders) {
      expect(varianceOf(noisier) / varianceOf(quieter), `${quieter} below ${noisier}`).toBeGreaterThan(factor);
    }
    // A biased row is seen to be biased, where its bias is more than the noise of the mean.
    for (const { unbiased, bias, variance } of rows) if (unbiased) expect(bias).toBeLessThan((6 * variance) / 4000);
  });

  test("the signal of dreg grows with the number of draws, that of the total derivative falls", () => {
    const dreg = DRAWS.map((draws) => signalToNoise("dreg", draws, 3000));
    const total = DRAWS.map((draws) => signalToNoise("total", draws, 3000));
    for (let i = 1; i < DRAWS.length; i++) {
      expect(dreg[i]! / dreg[i - 1]!).toBeGreaterThan(1.1);
      expect(total[i]! / total[i - 1]!).toBeLessThan(0.9);
    }
  });
});

// ---------------------------------------------------------------------------------------- the adaptive weight

test.each(["hierarchy", "discreteAbove", "discreteBelow", "sandwich"] as const)(
  "adaptive: the total derivative plus its score is the path derivative (%s)",
  (name) => {
    const normal = sitesOf(name).filter((s) => models[name].variables.find((v) => v.site === s)!.kind === "normal");
    const targetOf = (weight: string) => {
      const prepared = compiled(models[name], {
        estimators: Object.fromEntries(normal.map((s) => [s, weight])),
        particles: 2,
      });
      return stochasticTarget(prepared, reference, { particles: 2, seed: 3, batch: {} }, []);
    };
    const [adaptive, direct] = [targetOf("adaptive"), targetOf("path")];
    const at = Float64Array.from(direct.leaves.flatMap((leaf) => models[name].theta[leaf.name]!));
    for (let step = 0; step < 5; step++) {
      const { gradient, score: c } = adaptive.target.gradient(at, step);
      const wanted = direct.target.gradient(at, step);
      expect(wanted.score).toBeNull();
      expect(
        distance(
          [...gradient].map((g, i) => g + c![i]!),
          [...wanted.gradient],
        ),
      ).toBeLessThan(1e-12);
      expect(Math.max(...c!.map(Math.abs))).toBeGreaterThan(1e-3);
    }
  },
);

// ---------------------------------------------------------------------------------------- second derivatives

describe("second derivatives, where log q is live", () => {
  const live: Other = {
    second: true,
    place: (site) =>
      site.states === null ? total.place(site, {}) : { ...enumerate.place(site, {}), logq: site.guide.logProb },
  };
  const cases: readonly ModelName[] = [
    "chain",
    "nested",
    "grid",
    "composed",
    "discreteAbove",
    "discreteBelow",
    "hierarchy",
  ];

  const hessianOf = (name: ModelName, other: Other): readonly number[] => {
    const choice = Object.fromEntries(
      models[name].variables.map((v) => [v.site, v.kind === "normal" ? "path" : "enumerate"]),
    );
    return expectation(
      models[name],
      replicates(models[name], { estimators: choice }, other),
      truthOf(models[name]).rules,
      { noisy: noisyIn(choice) },
    ).hessian;
  };

  test.each(cases)("%s: the gradient of the gradient", (name) => {
    const exact = exactHessian(models[name], models[name].theta, truthOf(models[name]).rules).flat();
    expect(distance(hessianOf(name, live), exact)).toBeLessThan(1e-6);
    expect(distance(hessianOf(name, { second: true }), exact)).toBeGreaterThan(0.05);
  });
});

// ---------------------------------------------------------------------------------------- size of the graph

/** n sites, each with an observation of its own. */
const independent = (n: number, prior: string): TestModel => {
  const lines = Array.from(
    { length: n },
    (_, i) => `  sample z${i} ~ ${prior}\n  observe y[${i}] ~ Normal(z${i}, 0.8)`,
  );
  return {
    ...models.conjugate,
    data: { y: Array.from({ length: n }, (_, i) => 0.3 * i - 0.4) },
    text: `data { dim N = ${n}; y: real[N] }\nmodel {\n${lines.join("\n")}\n}`,
  };
};

/** Nodes of value and gradients. */
function graphSize(n: number, prior: string, estimator: string): number {
  const estimators = Object.fromEntries(Array.from({ length: n }, (_, i) => [`z${i}`, estimator]));
  const prepared = compiled(independent(n, prior), { estimators, particles: 2 });
  const { program, objective } = buildObjective(prepared, planOf(prepared, "leaves"), {}, []);
  return topological(
    Object.values(finish({ root: objective.root, ...gradients(objective.root, program.leaves) }).outputs),
  ).length;
}

/** Nodes that one more site may add: a tenth more than it was measured to. */
const MOST_PER_SITE: Readonly<Record<string, number>> = {
  path: 51,
  score: 69,
  loo: 74,
  enumerate: 78,
  "reinmax-rao": 133,
  arsm: 112,
  rebar: 265,
};

describe("the graph grows linearly with the number of independent sites", () => {
  test.each(Object.entries(MOST_PER_SITE))("%s: at most %d nodes for one more", (estimator, most) => {
    const counts = [1, 2, 4, 8, 16];
    const sizes = counts.map((n) => graphSize(n, estimator === "path" ? "Normal(0, 1)" : "Bernoulli(0.3)", estimator));
    const perSite = (sizes.at(-1)! - sizes[1]!) / 14;
    expect(perSite).toBeGreaterThan(5);
    expect(perSite).toBeLessThan(most);
    // Off the line by what sites share only: the first one builds it.
    counts.forEach((n, i) =>
      expect(Math.abs(sizes[i]! - sizes[1]! - (n - 2) * perSite), `${n} sites: ${sizes.join(", ")} nodes`).toBeLessThan(
        12,
      ),
    );
  });
});
