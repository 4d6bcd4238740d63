// Every estimator against exact values. Two measures: the exact expectation of an estimate over all its draws, which must agree to rounding,
// and the mean of many random estimates in standard errors. What must not agree, does not.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { enumerate } from "../src/estimator/enumerate.ts";
import type { Placed } from "../src/estimator/estimator.ts";
import { path } from "../src/estimator/path.ts";
import { score } from "../src/estimator/score.ts";
import { reference } from "../src/exec/reference.ts";
import { planOf } from "../src/build/prepare.ts";
import { topological } from "../src/ir/walk.ts";
import { costOf } from "../src/objective/credit.ts";
import { elbo } from "../src/objective/elbo.ts";
import { sumPlates, type Reduction } from "../src/objective/reduce.ts";
import { PARTICLE, type PlacedSite } from "../src/objective/term.ts";
import { addAll, axisSize, data, div, gather, mul, scalar, stop, sub, sumAxis, toEvent } from "../src/op/index.ts";
import { buildObjective, finish, gradients } from "../src/run/graphs.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import { exactElbo, exactGradient, exactHessian, rulesOf, type Rules, type Theta } from "./support/exact-elbo.ts";
import { modelOf, recipes } from "./support/exact-arbitrary.ts";
import { models, type ModelName } from "./support/exact-models.ts";
import type { TestModel } from "./support/exact-model.ts";
import { BOUND, compiled, draws, expectation, moments, replicates, worstZ, type Other, type Setup } from "./support/exact-replicates.ts";

type Choice = Readonly<Record<string, string>>;

const CLOSE = 1e-8;

// ---------------------------------------------------------------------------------------- exact values, computed once per model

type Truth = { readonly rules: Rules; readonly elbo: number; readonly gradient: readonly number[] };

const truths = new Map<TestModel, Truth>();

function truthOf(model: TestModel): Truth {
  const known = truths.get(model);
  if (known !== undefined) return known;
  const rules = rulesOf(model.knots);
  const truth = { rules, elbo: exactElbo(model, model.theta, rules), gradient: exactGradient(model, model.theta, rules) };
  truths.set(model, truth);
  return truth;
}

/** Largest difference, relative to 1 + |exact|. */
const distance = (found: readonly number[], exact: readonly number[]): number =>
  Math.max(...exact.map((e, i) => Math.abs(found[i]! - e) / (1 + Math.abs(e))));

// ---------------------------------------------------------------------------------------- all choices

const names = Object.keys(models) as ModelName[];
/** States that would have to be summed jointly: members meet in the likelihood, or one draw has many elements. */
const JOINT: readonly ModelName[] = ["twoIndices", "wholeIndex", "openedTwice", "vector"];

/** What each kind of site admits, without a baseline or with one. */
function admitted(name: ModelName, site: string, credited: "score" | "loo"): readonly string[] {
  switch (models[name].variables.find((v) => v.site === site)!.kind) {
    case "normal": return ["path", "path(weight=total)", "path(weight=0.3)", credited];
    case "uniform": return ["path(weight=total)"];
    case "count": return [credited];
    default: return JOINT.includes(name) ? [credited] : ["enumerate", credited];
  }
}

const sitesOf = (name: ModelName): readonly string[] => [...new Set(models[name].variables.map((v) => v.site))];

function choices(name: ModelName, options: (site: string) => readonly string[]): readonly Choice[] {
  return sitesOf(name).reduce<readonly Choice[]>((all, site) => all.flatMap((c) => options(site).map((e) => ({ ...c, [site]: e }))), [{}]);
}

const written = (choice: Choice): string => Object.entries(choice).map(([site, e]) => `${site}=${e}`).join(" ");
const noisyIn = (choice: Choice): ReadonlySet<string> => new Set(Object.keys(choice).filter((site) => choice[site] !== "enumerate"));
const isCount = (name: ModelName): boolean => models[name].variables.some((v) => v.kind === "count");

/** Choices whose draws can be listed with their probabilities: all but a draw whose law reads an enumerated value. */
const listed = (name: ModelName): readonly Choice[] =>
  choices(name, (site) => admitted(name, site, "score")).filter((c) => draws(models[name], rulesOf(models[name].knots), noisyIn(c)) !== null);

describe("the expectation over all draws is the exact gradient, its value the exact bound", () => {
  const cases = names.filter((name) => !isCount(name)).flatMap((name) => listed(name).map((choice) => ({ name, choice, as: written(choice) })));

  test("almost every mixture of estimators can be listed", () => expect(cases.length).toBeGreaterThan(120));

  test.each(cases)("$name: $as", ({ name, choice }) => {
    const model = models[name];
    const { rules, elbo, gradient } = truthOf(model);
    const found = expectation(model, replicates(model, { estimators: choice }), rules, { noisy: noisyIn(choice) });
    expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
    expect(found.value).toBeCloseTo(elbo, 9);
  });
});

describe("leave-one-out: the expectation over all pairs of draws", () => {
  const cases: readonly { name: ModelName; choice: Choice }[] = [
    { name: "twoIndices", choice: { z: "loo" } },
    { name: "wholeIndex", choice: { z: "loo" } },
    { name: "chain", choice: { a: "loo", b: "loo" } },
    { name: "chain", choice: { a: "loo", b: "score" } },
    { name: "chain", choice: { a: "loo", b: "enumerate" } },
    { name: "nested", choice: { s: "loo", z: "loo" } },
    { name: "discreteAbove", choice: { z: "loo", x: "loo" } },
    { name: "discreteAbove", choice: { z: "loo", x: "path" } },
    { name: "discreteAbove", choice: { z: "enumerate", x: "loo" } },
    { name: "ladder", choice: { a: "enumerate", b: "enumerate", x: "loo" } },
  ];
  test.each(cases.map((c) => ({ ...c, as: written(c.choice) })))("$name: $as", ({ name, choice }) => {
    const model = models[name];
    const { rules, elbo, gradient } = truthOf(model);
    const found = expectation(model, replicates(model, { estimators: choice, particles: 2 }), rules, { noisy: noisyIn(choice), particles: 2 });
    expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
    expect(found.value).toBeCloseTo(elbo, 9);
  });
});

// ---------------------------------------------------------------------------------------- minibatches

type Batched = {
  readonly name: ModelName; readonly axis: string; readonly full: number; readonly size: number; readonly choice: Choice;
  /** The member of the batched plate to which a site's variable belongs; null: to none. */
  readonly owner: (site: string, member: number) => number | null;
};

function subsets(n: number, size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return Array.from({ length: n }, (_, first) => first).flatMap((first) =>
    subsets(n, size - 1).filter((rest) => rest.every((i) => i > first)).map((rest) => [first, ...rest]));
}

/** The mean of the expectations over all minibatches. */
function batchExpectation({ name, axis, full, size, choice, owner }: Batched, other: Other = {}): { gradient: number[]; value: number } {
  const model = models[name];
  const rep = replicates(model, { estimators: choice, batch: { [axis]: size } }, other);
  const found = subsets(full, size).map((members) =>
    expectation(model, rep, truthOf(model).rules, {
      noisy: noisyIn(choice),
      batch: { members: { [axis]: Int32Array.from(members) }, present: (site, m) => members.includes(owner(site, m) ?? members[0]!) },
    }));
  const mean = (of: (f: (typeof found)[number]) => number): number => found.reduce((s, f) => s + of(f), 0) / found.length;
  return { gradient: truthOf(model).gradient.map((_, i) => mean((f) => f.gradient[i]!)), value: mean((f) => f.value) };
}

const plateBatch = (choice: Choice, size = 2): Batched =>
  ({ name: "plate", axis: "N", full: 4, size, choice, owner: (site, m) => (site === "z" ? m : null) });
const nestedBatch = (choice: Choice, axis: "I" | "J"): Batched =>
  ({ name: "nested", axis, full: 2, size: 1, choice, owner: (site, m) => (site === "z" ? (axis === "I" ? m >> 1 : m & 1) : axis === "I" ? m : null) });
const gatherBatch = (choice: Choice): Batched => ({ name: "gather", axis: "T", full: 5, size: 2, choice, owner: () => null });

const BATCHED: readonly Batched[] = [
  plateBatch({ mu: "path", z: "enumerate" }), plateBatch({ mu: "path", z: "score" }), plateBatch({ mu: "score", z: "score" }),
  plateBatch({ mu: "score", z: "enumerate" }), plateBatch({ mu: "path(weight=total)", z: "score" }, 3), plateBatch({ mu: "path(weight=0.3)", z: "enumerate" }, 1),
  nestedBatch({ s: "enumerate", z: "enumerate" }, "I"), nestedBatch({ s: "score", z: "score" }, "I"), nestedBatch({ s: "score", z: "enumerate" }, "J"),
  nestedBatch({ s: "score", z: "score" }, "J"),
  gatherBatch({ z: "enumerate", x: "path" }), gatherBatch({ z: "score", x: "score" }), gatherBatch({ z: "enumerate", x: "score" }),
];

describe("the mean over all minibatches is the gradient of the full data", () => {
  test.each(BATCHED.map((c) => ({ ...c, as: written(c.choice) })))("$name, $size of $full along $axis: $as", (batched) => {
    const { elbo, gradient } = truthOf(models[batched.name]);
    const found = batchExpectation(batched);
    expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
    expect(found.value).toBeCloseTo(elbo, 9);
  });

  test("random minibatches and random draws, through the stochastic target", () => {
    const batch = { N: 2 };
    const prepared = compiled(models.plate, { estimators: { mu: "path", z: "loo" }, particles: 2, batch });
    const { target, leaves } = stochasticTarget(prepared, reference, { particles: 2, seed: 5, batch }, []);
    const { theta } = models.plate;
    const at = Float64Array.from(leaves.flatMap((leaf) => theta[leaf.name]!));
    const inOrder = (g: Float64Array): number[] => {
      const parts = new Map<string, number[]>();
      let from = 0;
      for (const { name, size } of leaves) parts.set(name, [...g.subarray(from, (from += size))]);
      return Object.keys(theta).flatMap((name) => parts.get(name)!);
    };
    const steps = Array.from({ length: 6000 }, (_, step) => target.gradient(at, step));
    expect(worstZ(moments(steps.map((s) => inOrder(s.gradient))), truthOf(models.plate).gradient)).toBeLessThan(BOUND);
    expect(worstZ(moments(steps.map((s) => [s.value])), [truthOf(models.plate).elbo])).toBeLessThan(BOUND);
  });
});

// ---------------------------------------------------------------------------------------- random draws

/** Enumerated and leave-one-out sites, paths and leave-one-out, in all mixtures. */
const RANDOM = names.flatMap((name) =>
  choices(name, (site) => admitted(name, site, "loo").filter((e) => !e.includes("weight") || models[name].variables[0]!.kind === "uniform"))
    .map((choice, i) => ({ name, choice, particles: 2 + (i % 2), as: written(choice) })));

describe("the mean of random estimates is the exact gradient, within standard errors", () => {
  test.each(RANDOM)("$name, $particles particles: $as", ({ name, choice, particles }) => {
    const { elbo, gradient } = truthOf(models[name]);
    const { gradient: rows, root, perDraw } = replicates(models[name], { estimators: choice, particles }).run(3000);
    expect(worstZ(moments(rows), gradient)).toBeLessThan(BOUND);
    expect(worstZ(moments([...root].map((v) => [v])), [elbo])).toBeLessThan(BOUND);
    root.forEach((v, r) => expect(v).toBeCloseTo(perDraw.subarray(r * particles, (r + 1) * particles).reduce((a, b) => a + b, 0) / particles, 10));
  });

  test.each(["score", "loo"])("a count: %s", (estimator) => {
    const { gradient } = truthOf(models.count);
    const { gradient: rows } = replicates(models.count, { estimators: { n: estimator }, particles: 3 }).run(20_000);
    expect(worstZ(moments(rows), gradient)).toBeLessThan(BOUND);
  });
});

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
    theta = Object.fromEntries(Object.entries(theta).map(([name, values]) => [name, values.map((x) => x + size * slope[i++]!)]));
  }
  return { ...model, theta };
}

describe("variance", () => {
  test("the path derivative is zero for every draw where the guide is the posterior", () => {
    const { gradient } = replicates(models.conjugate, { estimators: { mu: "path" } }).run(500);
    expect(Math.max(...gradient.flatMap((g) => [...g].map(Math.abs)))).toBeLessThan(1e-10);
    expect(traceVariance(models.conjugate, { estimators: { mu: "path(weight=total)" } })).toBeGreaterThan(0.5);
  });

  test.each([["hierarchy", { mu: "path", x: "path" }, 300, 0.1], ["discreteAbove", { z: "enumerate", x: "path" }, 200, 0.3]] as const)(
    "path below total at the optimum: %s", (name, choice, steps, size) => {
      const model = nearOptimum(models[name], steps, size);
      const total = Object.fromEntries(Object.entries(choice).map(([s, e]) => [s, e === "path" ? "path(weight=total)" : e]));
      expect(traceVariance(model, { estimators: choice })).toBeLessThan(0.7 * traceVariance(model, { estimators: total }));
    });

  test.each(["chain", "nested", "twoIndices", "count", "grid"] as const)("leave-one-out below score: %s", (name) => {
    const all = (estimator: string): Choice => Object.fromEntries(sitesOf(name).map((site) => [site, site === "mu" || site === "x" ? "path" : estimator]));
    const [plain, baseline] = [traceVariance(models[name], { estimators: all("score"), particles: 2 }), traceVariance(models[name], { estimators: all("loo"), particles: 2 })];
    expect(baseline).toBeLessThan(0.8 * plain);
  });

  test.each(["chain", "nested", "grid", "ownPlate"] as const)("enumeration has none: %s", (name) => {
    expect(traceVariance(models[name], { estimators: Object.fromEntries(sitesOf(name).map((s) => [s, "enumerate"])) })).toBeLessThan(1e-20);
  });

  test("credit kept apart by members is less noisy than the total", () => {
    const kept = moments(replicates(models.gather, { estimators: { z: "score", x: "path" } }).run(4000).gradient);
    const total = moments(replicates(models.gather, { estimators: { z: "score", x: "path" } }, {
      objective: (program, r) => elbo(program.terms, program.leaves.map((l) => l.node), {
        ...r, sites: program.placed.map((p) => (p.site.name === "z" ? { ...p, placed: totalCredit(p, program.terms, r) } : p)),
      }),
    }).run(4000).gradient);
    expect(worstZ(total, truthOf(models.gather).gradient)).toBeLessThan(BOUND);
    expect(kept.variance[0]!).toBeLessThan(0.6 * total.variance[0]!);
  });
});

function totalCredit({ placed, site }: PlacedSite, terms: Parameters<typeof elbo>[0], r: Reduction): Placed {
  const all = addAll(terms.map((t) => sumPlates(t.node, t.plates, [], r)));
  return { ...placed, surrogate: () => mul(stop(all), site.guide.logProb(placed.value)) };
}

// ---------------------------------------------------------------------------------------- the adaptive weight

test.each(["hierarchy", "discreteAbove", "discreteBelow", "sandwich"] as const)("adaptive: the total derivative plus its score is the path derivative (%s)", (name) => {
  const normal = sitesOf(name).filter((s) => models[name].variables.find((v) => v.site === s)!.kind === "normal");
  const targetOf = (weight: string) => {
    const prepared = compiled(models[name], { estimators: Object.fromEntries(normal.map((s) => [s, `path(weight=${weight})`])), particles: 2 });
    return stochasticTarget(prepared, reference, { particles: 2, seed: 3, batch: {} }, []);
  };
  const [adaptive, direct] = [targetOf("adaptive"), targetOf("path")];
  const at = Float64Array.from(direct.leaves.flatMap((leaf) => models[name].theta[leaf.name]!));
  for (let step = 0; step < 5; step++) {
    const { gradient, score: c } = adaptive.target.gradient(at, step);
    const wanted = direct.target.gradient(at, step);
    expect(wanted.score).toBeNull();
    expect(distance([...gradient].map((g, i) => g + c![i]!), [...wanted.gradient])).toBeLessThan(1e-12);
    expect(Math.max(...c!.map(Math.abs))).toBeGreaterThan(1e-3);
  }
});

// ---------------------------------------------------------------------------------------- refusals

describe("refusals", () => {
  const cases: readonly (readonly [name: ModelName, site: string, estimator: string, particles: number, reason: RegExp])[] = [
    ["twoIndices", "z", "enumerate", 1, /members of a plate meet in the likelihood of y/],
    ["wholeIndex", "z", "enumerate", 1, /members of a plate meet in the likelihood of y/],
    ["openedTwice", "z", "enumerate", 1, /members of a plate meet in the likelihood of y/],
    ["vector", "z", "enumerate", 1, /its values cannot be listed/],
    ["discreteAbove", "x", "enumerate", 1, /its values cannot be listed/],
    ["count", "n", "enumerate", 1, /its values cannot be listed/],
    ["discreteAbove", "z", "path", 1, /a discrete value does not move smoothly/],
    ["discreteBelow", "z", "path(weight=total)", 1, /a discrete value does not move smoothly/],
    ["count", "n", "path", 2, /not a smooth map of noise/],
    ["discreteAbove", "z", "loo", 1, /there is only one particle/],
    ["discreteAbove", "x", "loo", 1, /there is only one particle/],
    ["moving", "x", "path", 1, /the guide's support moves with its parameters/],
    ["moving", "x", "path(weight=0.3)", 1, /the guide's support moves with its parameters/],
    ["moving", "x", "score", 1, /misses the boundary/],
    ["moving", "x", "loo", 2, /misses the boundary/],
    ["discreteAbove", "x", "path(weight=1.5)", 1, /is not path, total, adaptive or a number in \[0, 1\]/],
    ["discreteAbove", "x", "path(wait=1)", 1, /it has no option `wait`/],
    ["discreteAbove", "x", "rebar", 1, /no estimator of this name/],
  ];
  test.each(cases)("%s: %s=%s with %d particles", (name, site, estimator, particles, reason) => {
    let thrown: unknown = null;
    try {
      compiled(models[name], { estimators: { [site]: estimator }, particles });
    } catch (e) {
      thrown = e;
    }
    expect(thrown).toBeInstanceOf(VariateError);
    const [first] = (thrown as VariateError).diagnostics;
    expect(first).toMatchObject({ code: "PPL508", message: expect.stringMatching(reason) as unknown });
    expect(first!.hint).not.toBe("");
  });
});

/** Exact bias of an objective that was built in another way. */
function biasOf(name: ModelName, choice: Choice, other: Other, noisy = noisyIn(choice)): number {
  const model = models[name];
  const { rules, gradient } = truthOf(model);
  return distance(expectation(model, replicates(model, { estimators: choice }, other), rules, { noisy }).gradient, gradient);
}

describe("every refusal is real: switched off, the gradient is wrong", () => {
  test("path with a moving support", () => {
    expect(biasOf("moving", { x: "path(weight=total)" }, { place: (site) => path.place(site, {}) })).toBeGreaterThan(0.1);
    expect(biasOf("moving", { x: "path(weight=total)" }, { place: (site) => path.place(site, { weight: 0.3 }) })).toBeGreaterThan(0.1);
  });

  test("score with a moving support", () => {
    expect(biasOf("moving", { x: "path(weight=total)" }, { place: (site) => score.place(site, {}) })).toBeGreaterThan(0.1);
  });

  test("path through a discrete draw", () => {
    const other: Other = { place: (site) => (site.name === "z" ? path.place(site, {}) : null) };
    expect(biasOf("discreteAbove", { z: "score", x: "path" }, other)).toBeGreaterThan(0.02);
    expect(biasOf("discreteBelow", { x: "path", z: "score" }, other)).toBeGreaterThan(0.02);
  });

  test("enumeration where members meet: the sum over one axis sees only members in equal states", () => {
    const place: Other["place"] = (site) => enumerate.place(site, {});
    expect(() => replicates(models.twoIndices, { estimators: { z: "score" } }, { place })).toThrow(/members of plate J meet/);
    const byFirstIndex: Other = {
      place,
      objective: ({ terms, placed: [z] }, r) => {
        const { weight, value } = { weight: z!.placed.weight!, value: z!.value };
        const first = gather(toEvent(weight.prob, "J", 0, 3), 0, data("a", ["T"], []));
        const root = addAll(terms.map((t) => sumPlates(sumAxis(mul(t.node, t.plates.includes("T") ? first : weight.prob), weight.axis), t.plates, [], r)));
        expect(value.axes).toContain("J");
        return { root, perDraw: root };
      },
    };
    // Without noise one run is the expectation.
    const { gradient } = replicates(models.twoIndices, { estimators: { z: "score" } }, byFirstIndex).run(1);
    expect(distance([...gradient[0]!], truthOf(models.twoIndices).gradient)).toBeGreaterThan(0.1);
  });

  test("a baseline from no other particle", () => {
    const { gradient } = replicates(models.chain, { estimators: { a: "loo", b: "loo" }, particles: 2 }).run(1);
    expect([...gradient[0]!].every(Number.isFinite)).toBe(true);
  });
});

// ---------------------------------------------------------------------------------------- negative controls

type Wrong = (site: PlacedSite, terms: Parameters<typeof elbo>[0], leaves: Parameters<typeof elbo>[1], r: Reduction) => Placed;

/** The objective in which one site is placed wrongly. */
const wrongly = (name: string, wrong: Wrong): Other => ({
  objective: ({ terms, leaves, placed }, r) => {
    const nodes = leaves.map((l) => l.node);
    return elbo(terms, nodes, { ...r, sites: placed.map((p) => (p.site.name === name ? { ...p, placed: wrong(p, terms, nodes, r) } : p)) });
  },
});

/** The right surrogate of wrong credit. */
const withoutTerms = (left: RegExp): Wrong => (p, terms, leaves, r) => {
  const { placed } = p;
  const cost = costOf(p, terms.filter((t) => !left.test(t.name)), leaves, r);
  return { ...placed, surrogate: () => placed.surrogate!(cost) };
};

const times = (factor: number): Wrong => ({ placed }) => ({ ...placed, surrogate: (c) => mul(scalar(factor), placed.surrogate!(c)) });

const ownBaseline: Wrong = ({ placed, site }) => ({
  ...placed,
  surrogate: ({ here }) => mul(stop(sub(here, div(sumAxis(here, PARTICLE), axisSize(PARTICLE)))), site.guide.logProb(placed.value)),
});

const heldWeights: Wrong = ({ placed }) => ({ ...placed, weight: { axis: placed.weight!.axis, prob: stop(placed.weight!.prob) } });

const liveCredit: Wrong = ({ placed }) => ({ ...placed, surrogate: (c) => mul(c.here, placed.surrogate!(c)) });

type Control = { readonly what: string; readonly name: ModelName; readonly choice: Choice; readonly particles?: number; readonly other: Other };

const CONTROLS: readonly Control[] = [
  { what: "score without the terms of the site below", name: "nested", choice: { s: "score", z: "score" }, other: wrongly("s", withoutTerms(/ of z$/)) },
  { what: "score without its own log q", name: "discreteAbove", choice: { z: "score", x: "path" }, other: wrongly("z", withoutTerms(/guide of z/)) },
  { what: "score without the likelihood", name: "chain", choice: { a: "score", b: "score" }, other: wrongly("a", withoutTerms(/likelihood/)) },
  { what: "the surrogate doubled", name: "discreteBelow", choice: { x: "path", z: "score" }, other: wrongly("z", times(2)) },
  { what: "the surrogate with the wrong sign", name: "gather", choice: { z: "score", x: "path" }, other: wrongly("z", times(-1)) },
  { what: "no surrogate", name: "nested", choice: { s: "enumerate", z: "score" }, other: wrongly("z", times(0)) },
  { what: "a baseline that sees the own draw", name: "chain", choice: { a: "loo", b: "loo" }, particles: 2, other: wrongly("a", ownBaseline) },
  { what: "enumeration with held probabilities", name: "chain", choice: { a: "enumerate", b: "enumerate" }, other: wrongly("a", heldWeights) },
  { what: "credit that is not stopped", name: "sandwich", choice: { s: "score", x: "score", z: "score" }, other: wrongly("x", liveCredit) },
  {
    what: "log q held at its value", name: "discreteAbove", choice: { z: "enumerate", x: "path" },
    other: { place: (site) => (site.name === "x" ? { value: site.draw(), logq: (v) => stop(site.guide.logProb(v)) } : null) },
  },
  {
    what: "a path whose draw is held", name: "hierarchy", choice: { mu: "path", x: "path" },
    other: { place: (site) => (site.name === "mu" ? { value: stop(site.draw()) } : null) },
  },
];

describe("negative controls: wrong estimators fail the same check", () => {
  test.each(CONTROLS)("$what ($name)", ({ name, choice, particles = 1, other }) => {
    const setup = { estimators: choice, particles };
    const { gradient } = truthOf(models[name]);
    expect(worstZ(moments(replicates(models[name], setup).run(20_000).gradient), gradient)).toBeLessThan(BOUND);
    expect(worstZ(moments(replicates(models[name], setup, other).run(20_000).gradient), gradient)).toBeGreaterThan(1.5 * BOUND);
  });

  test("a surrogate without the scale of its minibatch", () => {
    for (const batched of [plateBatch({ mu: "path", z: "score" }), gatherBatch({ z: "score", x: "score" })]) {
      const { gradient } = batchExpectation(batched, wrongly("z", times(0.5)));
      expect(distance(gradient, truthOf(models[batched.name]).gradient)).toBeGreaterThan(0.05);
    }
  });
});

// ---------------------------------------------------------------------------------------- second derivatives

describe("second derivatives, where log q is live", () => {
  const live: Other = {
    second: true,
    place: (site) => (site.states === null ? path.place(site, { weight: "total" }) : { ...enumerate.place(site, {}), logq: site.guide.logProb }),
  };
  const cases: readonly ModelName[] = ["chain", "nested", "grid", "composed", "discreteAbove", "discreteBelow", "hierarchy"];

  const hessianOf = (name: ModelName, other: Other): readonly number[] => {
    const choice = Object.fromEntries(models[name].variables.map((v) => [v.site, v.kind === "normal" ? "path" : "enumerate"]));
    return expectation(models[name], replicates(models[name], { estimators: choice }, other), truthOf(models[name]).rules, { noisy: noisyIn(choice) }).hessian;
  };

  test.each(cases)("%s: the gradient of the gradient", (name) => {
    const exact = exactHessian(models[name], models[name].theta, truthOf(models[name]).rules).flat();
    expect(distance(hessianOf(name, live), exact)).toBeLessThan(1e-6);
    expect(distance(hessianOf(name, { second: true }), exact)).toBeGreaterThan(0.05);
  });
});

// ---------------------------------------------------------------------------------------- size of the graph

describe("the graph grows linearly with the number of independent sites", () => {
  const independent = (n: number): TestModel => {
    const sites = Array.from({ length: n }, (_, i) => i);
    const lines = (f: (i: number) => string): string => sites.map((i) => `  ${f(i)}`).join("\n");
    return {
      ...models.conjugate, data: { y: sites.map((i) => 0.3 * i - 0.4) },
      text: `
data { dim N = ${n}; y: real[N] }
model {
${lines((i) => `sample z${i} ~ Bernoulli(0.${3 + i})\n  observe y[${i}] ~ Normal(z${i}, 0.8)`)}
}`,
    };
  };
  test.each(["score", "loo", "enumerate"])("%s", (estimator) => {
    const sizes = [1, 2, 4, 8].map((n) => {
      const estimators = Object.fromEntries(Array.from({ length: n }, (_, i) => [`z${i}`, estimator]));
      const prepared = compiled(independent(n), { estimators, particles: 2 });
      const { program, objective } = buildObjective(prepared, planOf(prepared, "leaves"), {}, []);
      const graph = finish({ root: objective.root, ...gradients(objective.root, program.leaves) });
      return topological(Object.values(graph.outputs)).length;
    });
    const [one, two, four, eight] = sizes as [number, number, number, number];
    const perSite = (eight - one) / 7;
    expect(perSite).toBeGreaterThan(5);
    for (const [n, size] of [[2, two], [4, four]] as const) expect(Math.abs(size - one - (n - 1) * perSite)).toBeLessThan(6);
  });
});

// ---------------------------------------------------------------------------------------- random models

test("enumeration agrees with brute force on random models", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const model = modelOf(recipe);
      const { gradient, root } = replicates(model, { estimators: Object.fromEntries(model.variables.map((v) => [v.site, "enumerate"])) }).run(1);
      const rules = rulesOf(1);
      expect(distance([...gradient[0]!], exactGradient(model, model.theta, rules))).toBeLessThan(1e-9);
      expect(root[0]).toBeCloseTo(exactElbo(model, model.theta, rules), 10);
    }),
    { seed: 11, numRuns: 40 },
  );
});

test("score functions agree with brute force on random models", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const model = modelOf(recipe);
      const estimators = Object.fromEntries(model.variables.map((v) => [v.site, "score"]));
      const rules = rulesOf(1);
      const found = expectation(model, replicates(model, { estimators }), rules, { noisy: noisyIn(estimators) });
      expect(distance(found.gradient, exactGradient(model, model.theta, rules))).toBeLessThan(1e-9);
    }),
    { seed: 12, numRuns: 40 },
  );
});
