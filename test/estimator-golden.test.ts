// Estimators of listed values on given noise: the numbers of the dossier, identities between estimators, limits, and the orders of bias of those that
// have one.

import { describe, expect, test } from "vitest";
import { conditionalGumbels } from "../src/estimator/race.ts";
import { constant, einsum, exp, mul, scalar, square, sum, tanh } from "../src/op/index.ts";
import { estimates, type CostOf, type Place } from "./support/one-site.ts";
import { sigmoid, softmax } from "./support/exact-elbo.ts";
import { BOUND, moments } from "./support/exact-replicates.ts";
import { valueOf } from "./support/run-graph.ts";

const theta = [0.2, -0.5, 1.0];
const pi = softmax(theta);
const slope = [0.3, -1.2, 0.7];
const table = [1, -2, 0.5];

/** <w, D>, summed over members. */
const linear =
  (w: readonly number[]): CostOf =>
  (D) =>
    sum(mul(D, constant(Array.from({ length: D.shape[0]! }, () => w).flat(), D.shape)));

/** Uniforms whose exponentials -log u are `e`. */
const exponentials = (e: readonly number[]) => (): readonly number[] => e.map((x) => Math.exp(-x));
const uniforms =
  (...u: readonly number[]) =>
  (): readonly number[] =>
    u;
/** A race that one state wins by far. */
const winning = (state: number, states: number): readonly number[] =>
  Array.from({ length: states }, (_, s) => (s === state ? 1 - 1e-9 : 1e-9));
const won = (state: number) => (): readonly number[] => winning(state, 3);

const E = [0.7, 1.9, 0.4];
const rho = [0.15, 0.25, 0.6];
/** Reference j of three; other state l. */
const reference = (j: number) => uniforms((j + 0.5) / 3);
const other = (j: number, l: number) => uniforms((l - j + 3) % 3 === 1 ? 0.25 : 0.75);
const raced = { race: exponentials(rho) };

type Row = readonly [
  name: string,
  options: Readonly<Record<string, number>>,
  tape: Readonly<Record<string, (at: Place) => readonly number[]>>,
  expected: readonly number[],
];

const GRADIENTS: readonly Row[] = [
  ["st", {}, { race: won(0) }, [-0.010491, -0.205331, 0.215822]],
  ["st", {}, { race: won(1) }, [-0.010491, -0.205331, 0.215822]],
  ["reinmax", {}, { race: won(0) }, [-0.019524, -0.100061, 0.119584]],
  ["reinmax", {}, { race: won(1) }, [0.201498, -0.769524, 0.568026]],
  ["reinmax", {}, { race: won(2) }, [-0.053733, -0.126744, 0.180476]],
  ["reinmax", { temperature: 1.3 }, { race: won(2) }, [-0.047258, -0.182918, 0.230176]],
  ["reinmax-rk2", { beta: 0.25 }, { race: won(2) }, [-0.075354, -0.08745, 0.162804]],
  ["reinmax-rk2", { beta: 0.75 }, { race: won(2) }, [-0.032112, -0.166037, 0.198149]],
  [
    "gumbel-rao",
    { draws: 1, temperature: 0.5 },
    { race: won(2), conditional: exponentials(E) },
    [-0.013623, -0.002773, 0.016396],
  ],
  [
    "gumbel-rao",
    { draws: 1, temperature: 1 },
    { race: won(2), conditional: exponentials(E) },
    [-0.035485, -0.042599, 0.078084],
  ],
  [
    "reinmax-rao",
    { draws: 1, temperature: 0.5 },
    { race: won(2), conditional: exponentials(E) },
    [-0.002795, 0.101217, -0.098422],
  ],
  [
    "reinmax-rao",
    { draws: 1, temperature: 1 },
    { race: won(2), conditional: exponentials(E) },
    [-0.040672, 0.055458, -0.014785],
  ],
];

/** (f_jc - mean) (1 - 3 x) with the middle x of an interval. */
const scaled = (row: readonly number[], [low, high]: readonly [number, number]): number[] =>
  row.map((x) => x * (1 - 1.5 * (low + high)));
const first = [1 / 6, 1 / 6, -1 / 3];
const third = [-1 / 6, -1 / 6, 1 / 3];

const OF_A_TABLE: readonly Row[] = [
  ["ar", {}, raced, [0.55, 0.25, -0.8]],
  ["ars", {}, { ...raced, reference: reference(0) }, [0.091667, 0.091667, -0.183333]],
  ["ars", {}, { ...raced, reference: reference(1) }, [0.041667, 0.041667, -0.083333]],
  ["ars", {}, { ...raced, reference: reference(2) }, [0.133333, 0.133333, -0.266667]],
  ["arsm", {}, raced, [0.088889, 0.088889, -0.177778]],
  ["arsm+", {}, raced, [0.088889, 0.088889, -0.177778]],
  ["ars+", {}, { ...raced, reference: reference(0), other: other(0, 1) }, [0.066667, 0.066667, -0.133333]],
  ["ars+", {}, { ...raced, reference: reference(0), other: other(0, 2) }, scaled(first, [0.124146, 0.193615])],
  ["ars+", {}, { ...raced, reference: reference(2), other: other(2, 0) }, scaled(third, [0.517481, 0.637668])],
  ["ars+", {}, { ...raced, reference: reference(2), other: other(2, 1) }, scaled(third, [0.516169, 0.775512])],
];

const close = (found: readonly number[], expected: readonly number[], digits = 6): void =>
  expected.forEach((e, i) => expect(found[i], `element ${i} of ${found.join(", ")}`).toBeCloseTo(e, digits));

describe("golden vectors: one member, three states, given noise", () => {
  test.each(GRADIENTS)("%s %o", (name, options, tape, expected) => {
    close(estimates(name, options, { theta: [theta], cost: linear(slope), tape }).gradient[0]![0]!, expected);
  });

  test.each(OF_A_TABLE)("%s %o on a table of costs", (name, options, tape, expected) => {
    close(estimates(name, options, { theta: [theta], cost: linear(table), tape }).gradient[0]![0]!, expected);
  });

  /** The dossier's are around unnormalised logits. */
  const logZ = Math.log(theta.reduce((s, t) => s + Math.exp(t), 0));
  test.each([
    [0, theta.map((t) => t - logZ), [1.87097, -1.189837, 1.200226].map((x) => x - logZ)],
    [2, theta.map((t) => t - logZ), [0.413855, -1.169554, 2.430586].map((x) => x - logZ)],
    [2, pi.map((p, i) => Math.log((p + (i === 2 ? 1 : 0)) / 2)), [-1.724725, -3.363242, 0.916291]],
  ])("conditional Gumbels given state %d", (state, t, expected) => {
    const hot = constant(
      [0, 1, 2].map((s) => (s === state ? 1 : 0)),
      [3],
    );
    close(
      [...valueOf(conditionalGumbels(constant(t, [3]), hot, constant(E.map(Math.log), [3])), {}, {}).values],
      expected,
    );
  });

  test.each(["loo", "vargrad"])("%s of four draws", (name) => {
    const draws = [0, 2, 2, 1];
    const { gradient } = estimates(
      name,
      {},
      {
        theta: [theta],
        cost: linear(table),
        particles: 4,
        tape: { race: ({ particle }) => winning(draws[particle]!, 3) },
      },
    );
    close(gradient[0]![0]!, [1 / 3, -2 / 3, 1 / 3]);
  });

  const binary = { theta: [[0, 0.8]], cost: linear([0.4, -1.1]) };
  test.each([
    ["arm", { arm: uniforms(0.25) }, -0.375],
    ["disarm", { sticks: uniforms(0.25) }, -0.517481],
  ] as const)("%s", (name, tape, expected) => {
    close(estimates(name, {}, { ...binary, tape }).gradient[0]![0]!, [-expected, expected]);
  });

  test.each([
    [0, 0.344987],
    [1, 0.155013],
  ])("reinmax of a Boolean: |b - p| / 2 times the slope, b = %d", (b, weight) => {
    const { gradient } = estimates("reinmax", {}, { ...binary, tape: { race: () => winning(b, 2) } });
    close(gradient[0]![0]!, [1.5 * weight, -1.5 * weight]);
  });

  test("score, and with learned baselines", () => {
    const given = { theta: [theta], cost: linear(table), tape: { race: won(0) } };
    const scored = (f: number): number[] => pi.map((p, c) => f * ((c === 0 ? 1 : 0) - p));
    close(estimates("score", {}, given).gradient[0]![0]!, scored(1), 12);
    close(estimates("ema", {}, { ...given, learned: { baseline: [0.4] } }).gradient[0]![0]!, scored(0.6), 12);
    const learned = { baseline: [0.4], baseline_of_member: [-0.3], variance: [0.5] };
    close(estimates("nvil", {}, { ...given, learned }).gradient[0]![0]!, scored(0.9), 12);
    close(
      estimates("nvil", {}, { ...given, learned: { ...learned, variance: [9] } }).gradient[0]![0]!,
      scored(0.3),
      12,
    );
  });
});

// ---------------------------------------------------------------------------------------- identities, run by run

/** Curved, and with members that interact. */
const curved: CostOf = (D) => {
  const [members, states] = D.shape as [number, number];
  const weights = (from: number): number[] =>
    Array.from({ length: members * states }, (_, i) => Math.sin(from + 2.7 * i));
  const along = (from: number) => sum(mul(D, constant(weights(from), D.shape)));
  return tanh(mul(along(0.4), exp(mul(scalar(0.5), along(1.1)))));
};

/** Each member has a quadratic cost given the others, with interactions between members. */
const quadratic: CostOf = (D) => {
  const n = D.shape[0]! * D.shape[1]!;
  const flat = constant(
    Array.from({ length: n * n }, (_, i) => Math.cos(0.3 + 1.9 * i)),
    [...D.shape, ...D.shape],
  );
  return sum(mul(D, einsum("kcmd,md->kc", flat, D)));
};

const three = [
  [0.2, -0.5, 1.0],
  [0.6, 0.1, -0.9],
];
const two = [
  [0.3, -0.4],
  [-0.2, 0.9],
];
const worst = (a: unknown, b: unknown): number => {
  const [x, y] = [a, b].map((v) => (v as number[][][]).flat(2)) as [number[], number[]];
  return Math.max(...x.map((value, i) => Math.abs(value - y[i]!)));
};
/** Spread, repeatable numbers in (0, 1), one stream per `salt`. */
const spread =
  (salt: number) =>
  ({ run, member, draw }: Place, i = 0): number =>
    (0.5 + Math.sin(12.9898 * (run + 1) + 78.233 * (member + 3 * i + 5 * draw) + salt) * 43758.5453) % 1;
const inside = (x: number): number => 0.001 + 0.998 * (x - Math.floor(x));

describe("identities, draw by draw", () => {
  const same = (a: string, b: string, optionsOfB = {}, theta = three): void => {
    const given = {
      theta,
      cost: curved,
      runs: 200,
      tape: { race: (at: Place) => theta[0]!.map((_, c) => inside(spread(1)(at, c))) },
    };
    expect(worst(estimates(a, {}, given).gradient, estimates(b, optionsOfB, given).gradient)).toBeLessThan(1e-13);
  };

  test("reinmax is reinmax-rk2 of weight 1/2, st of weight 1", () => {
    same("reinmax", "reinmax-rk2", { beta: 0.5 });
    same("st", "reinmax-rk2", { beta: 1 });
  });

  test("reinmax-cv without a correction is reinmax; subtracting the mean field at eta = 2 it is reinmax-rao", () => {
    same("reinmax", "reinmax-cv", { eta: 0 });
    same("reinmax-rao", "reinmax-cv", { eta: 2, subtract: "mean-field", temperature: 1 });
  });

  test("vargrad is loo, number by number", () => {
    const given = { theta: three, cost: curved, runs: 100, particles: 3 };
    expect(worst(estimates("loo", {}, given).gradient, estimates("vargrad", {}, given).gradient)).toBeLessThan(1e-13);
  });

  /** One uniform u behind all of them: rho = (1 - u, u), and the stick of state 0. */
  const coupled = { theta: two, cost: curved, runs: 300 };
  const u = (at: Place): number => inside(spread(2)(at));
  const race = (at: Place): readonly number[] => [Math.exp(-(1 - u(at))), Math.exp(-u(at))];

  test("two states: arsm is arm", () => {
    const [merged, arm] = [
      estimates("arsm", {}, { ...coupled, tape: { race } }),
      estimates("arm", {}, { ...coupled, tape: { arm: (at) => [u(at)] } }),
    ];
    expect(worst(merged.gradient, arm.gradient)).toBeLessThan(1e-13);
  });

  test.each([0, 1])("two states: ars+ with reference %d is disarm", (j) => {
    const tape = { race, reference: () => [(j + 0.5) / 2], other: () => [0.5] };
    const [plus, disarm] = [
      estimates("ars+", {}, { ...coupled, tape }),
      estimates("disarm", {}, { ...coupled, tape: { sticks: (at) => [1 - u(at)] } }),
    ];
    expect(worst(plus.gradient, disarm.gradient)).toBeLessThan(1e-13);
  });

  test("two states: st-gumbel of a Boolean is the binary Concrete's", () => {
    const { gradient, hot } = estimates(
      "st-gumbel",
      { temperature: 0.7 },
      { theta: [[0, 0.8]], cost: linear([0.4, -1.1]), tape: { race: exponentials([0.6, 1.7]) } },
    );
    const y = sigmoid((0.8 - Math.log(1.7) + Math.log(0.6)) / 0.7);
    close(
      gradient[0]![0]!,
      [1.5, -1.5].map((g) => (g * y * (1 - y)) / 0.7),
      12,
    );
    expect(hot[0]![0]![0]).toEqual(y > 0.5 ? [0, 1] : [1, 0]);
  });

  test("gumbel differentiates the cost at the relaxed draw, and keeps the hard one as the value", () => {
    const e = [0.6, 1.7, 0.3];
    const { gradient, hot } = estimates(
      "gumbel",
      { temperature: 0.4 },
      { theta: [theta], cost: (D) => square(sum(mul(D, constant(slope, [1, 3])))), tape: { race: exponentials(e) } },
    );
    const cost = (t: readonly number[]): number =>
      softmax(t.map((x, c) => (x - Math.log(e[c]!)) / 0.4)).reduce((s, y, c) => s + y * slope[c]!, 0) ** 2;
    const difference = theta.map(
      (_, i) =>
        (cost(theta.map((x, c) => x + (c === i ? 1e-5 : 0))) - cost(theta.map((x, c) => x - (c === i ? 1e-5 : 0)))) /
        2e-5,
    );
    close(gradient[0]![0]!, difference, 8);
    expect(hot[0]![0]![0]).toEqual([0, 0, 1]);
  });
});

// ---------------------------------------------------------------------------------------- what all of them keep

const LISTED = [
  "st",
  "gumbel",
  "st-gumbel",
  "gumbel-rao",
  "reinmax",
  "reinmax-rao",
  "reinmax-cv",
  "reinmax-rk2",
  "score",
  "ema",
  "nvil",
  "loo",
  "vargrad",
  "ar",
  "ars",
  "arsm",
  "ars+",
  "arsm+",
  "disarm",
  "rebar",
  "relax",
];

describe.each(LISTED)("%s", (name) => {
  const given = {
    theta: three,
    cost: curved,
    runs: 40,
    particles: 2,
    learned: { outer: [0.3, -0.8, 0.5, 0.2, -0.4, 0.9, 0.1, -0.6] },
  };
  const { gradient } = estimates(name, {}, given);

  test("the gradient adds up to zero over the states, and is not zero", () => {
    for (const g of gradient.flat()) expect(Math.abs(g.reduce((a, b) => a + b, 0))).toBeLessThan(1e-12);
    expect(Math.max(...gradient.flat(2).map(Math.abs))).toBeGreaterThan(0.01);
  });

  test("it does not change when a number is added to the logits", () => {
    expect(
      worst(estimates(name, {}, { ...given, theta: three.map((row) => row.map((x) => x + 3)) }).gradient, gradient),
    ).toBeLessThan(1e-10);
  });

  test("draws have the guide's law", () => {
    const { hot } = estimates(name, {}, { theta: three, cost: curved, runs: 4000 });
    three.forEach((row, k) =>
      softmax(row).forEach((p, c) => {
        const share = hot.reduce((s, [draw]) => s + draw![k]![c]!, 0) / hot.length;
        expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / hot.length));
      }),
    );
  });
});

describe("limits", () => {
  test.each(["st", "reinmax", "reinmax-rk2", "gumbel-rao", "reinmax-rao"])("%s of a certain state is zero", (name) => {
    const { gradient } = estimates(name, {}, { theta: [[0, 40, -3]], cost: linear(slope), runs: 20 });
    expect(Math.max(...gradient.flat(2).map(Math.abs))).toBeLessThan(1e-12);
  });

  test("reinmax-rao of a large temperature is minus half of st", () => {
    const given = { theta: [theta], cost: linear(slope) };
    const [rao, st] = [estimates("reinmax-rao", { temperature: 1e7 }, given), estimates("st", {}, given)];
    expect(
      worst(
        rao.gradient,
        st.gradient.map((r) => r.map((k) => k.map((x) => -x / 2))),
      ),
    ).toBeLessThan(1e-6);
  });

  test.each(["st", "st-gumbel", "gumbel-rao", "reinmax", "reinmax-rao", "reinmax-cv", "reinmax-rk2"])(
    "%s: a number added to the slope changes nothing",
    (name) => {
      const of = (shift: number) =>
        estimates(name, {}, { theta: [theta], cost: linear(slope.map((g) => g + shift)), runs: 20 }).gradient;
      expect(worst(of(0), of(5))).toBeLessThan(1e-12);
    },
  );
});

// ---------------------------------------------------------------------------------------- bias, by listing the draws

const jointStates = (members: number, states: number): readonly (readonly number[])[] =>
  Array.from({ length: members }).reduce<readonly (readonly number[])[]>(
    (all) => all.flatMap((z) => [...Array(states).keys()].map((s) => [...z, s])),
    [[]],
  );

/** E G over all states of all members, and the exact gradient E f (D - pi). */
function meanAndExact(
  name: string,
  options: Readonly<Record<string, number>>,
  logits: readonly (readonly number[])[],
  cost: CostOf,
) {
  const [K, C] = [logits.length, logits[0]!.length];
  const all = jointStates(K, C);
  const probs = logits.map((row) => softmax(row));
  const { gradient } = estimates(name, options, {
    theta: logits,
    cost,
    runs: all.length,
    tape: { race: ({ run, member }) => winning(all[run]![member]!, C) },
  });
  const weight = all.map((z) => z.reduce((p, s, k) => p * probs[k]![s]!, 1));
  const f = all.map(
    (z) =>
      valueOf(
        cost(
          constant(
            z.flatMap((s) => [...Array(C).keys()].map((c) => (c === s ? 1 : 0))),
            [K, C],
          ),
        ),
        {},
        {},
      ).values[0]!,
  );
  const over = (of: (n: number, k: number, c: number) => number): number[] =>
    logits.flatMap((row, k) => row.map((_, c) => all.reduce((s, _, n) => s + weight[n]! * of(n, k, c), 0)));
  return {
    mean: over((n, k, c) => gradient[n]![k]![c]!),
    exact: over((n, k, c) => f[n]! * ((all[n]![k] === c ? 1 : 0) - probs[k]![c]!)),
  };
}

/** |E G - exact| / |exact|. */
function bias(
  name: string,
  options: Readonly<Record<string, number>>,
  logits: readonly (readonly number[])[],
  cost: CostOf,
): number {
  const { mean, exact } = meanAndExact(name, options, logits, cost);
  return Math.hypot(...mean.map((m, i) => m - exact[i]!)) / Math.hypot(...exact);
}

/** The mean over many runs, and its standard errors, of each member's gradient. */
function meanOf(
  name: string,
  options: Readonly<Record<string, number>>,
  runs: number,
): { readonly mean: readonly number[]; readonly se: readonly number[]; readonly variance: readonly number[] } {
  return moments(estimates(name, options, { theta: three, cost: curved, runs }).gradient.map((g) => g.flat()));
}

/** The largest difference of two means in standard errors. */
const apart = (a: ReturnType<typeof meanOf>, b: ReturnType<typeof meanOf>): number =>
  Math.max(...a.mean.map((m, i) => Math.abs(m - b.mean[i]!) / Math.hypot(a.se[i]!, b.se[i]!)));
const total = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

describe("averaging over conditional noise keeps the mean", () => {
  test.each([0.5, 1])("gumbel-rao has the mean of st-gumbel at temperature %d, and less noise", (temperature) => {
    const [plain, rao] = [
      meanOf("st-gumbel", { temperature }, 20_000),
      meanOf("gumbel-rao", { temperature, draws: 8 }, 5000),
    ];
    expect(apart(plain, rao)).toBeLessThan(BOUND);
    expect(total(rao.variance)).toBeLessThan(0.7 * total(plain.variance));
  });

  test("the mean of reinmax-rao does not depend on the number of draws, and is not that of reinmax", () => {
    const [one, many, reinmax] = [
      meanOf("reinmax-rao", { draws: 1 }, 20_000),
      meanOf("reinmax-rao", { draws: 16 }, 5000),
      meanOf("reinmax", {}, 5000),
    ];
    expect(apart(one, many)).toBeLessThan(BOUND);
    expect(total(many.variance)).toBeLessThan(0.7 * total(one.variance));
    expect(apart(many, reinmax)).toBeGreaterThan(BOUND);
  });

  test("disarm has the mean of arm, and no more noise", () => {
    const of = (name: string) =>
      moments(estimates(name, {}, { theta: two, cost: curved, runs: 20_000 }).gradient.map((g) => g.flat()));
    const [arm, disarm] = [of("arm"), of("disarm")];
    expect(apart(arm, disarm)).toBeLessThan(BOUND);
    expect(total(disarm.variance)).toBeLessThan(total(arm.variance));
  });
});

describe("bias and its order", () => {
  const five = [[0.2, -0.5, 1.0, 0.4, -0.8]];

  test("no bias for a linear cost: st, and every member of the Runge-Kutta family", () => {
    expect(bias("st", {}, three, linear(slope))).toBeLessThan(1e-12);
    for (const beta of [0, 0.25, 0.5, 0.75])
      expect(bias("reinmax-rk2", { beta }, three, linear(slope))).toBeLessThan(1e-12);
  });

  test.each([
    [five],
    [three],
    [two],
    [
      [
        [0.1, 0.7, -0.4, 0.3],
        [0.5, -1.1, 0.2, 0.6],
        [-0.3, 0.2, 0.9, -0.7],
      ],
    ],
  ])("no bias of reinmax for a quadratic cost: %o", (logits) => {
    expect(bias("reinmax", {}, logits, quadratic)).toBeLessThan(1e-12);
    expect(bias("reinmax", { temperature: 1.3 }, logits, quadratic)).toBeGreaterThan(0.03);
    expect(bias("reinmax-rk2", { beta: 0.4 }, logits, quadratic)).toBeGreaterThan(0.005);
    expect(bias("st", {}, logits, quadratic)).toBeGreaterThan(0.05);
  });

  /** exp(eps w D) / eps: the less curved the smaller eps. */
  const bent =
    (eps: number): CostOf =>
    (D) =>
      mul(scalar(1 / eps), exp(mul(scalar(eps), linear([1.1, -0.7, 0.5])(D))));
  const ratios = (name: string, options = {}): number[] => {
    const errors = [1, 0.5, 0.25, 0.125, 0.0625].map((eps) => bias(name, options, [theta], bent(eps)));
    return errors.slice(1).map((error, i) => errors[i]! / error);
  };

  test.each([
    ["st", {}],
    ["reinmax-rk2", { beta: 0.8 }],
  ])("%s %o: of first order, half of the curvature is half of the bias", (name, options) => {
    const found = ratios(name, options);
    expect(found.at(-1)).toBeGreaterThan(1.85);
    expect(found.at(-1)).toBeLessThan(2.15);
  });

  test("reinmax: of second order, half of the curvature is a quarter of the bias", () => {
    const found = ratios("reinmax");
    expect(found.at(-1)).toBeGreaterThan(3.85);
    expect(found.at(-1)).toBeLessThan(4.15);
  });

  test("negative control: the score function has none, for any cost", () => {
    expect(bias("score", {}, three, curved)).toBeLessThan(1e-12);
    expect(bias("st", {}, three, curved)).toBeGreaterThan(0.02);
  });
});
