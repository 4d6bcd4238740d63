// Data for the models of test/models/bugs: shaped like the classic BUGS examples, drawn here from known parameters with a fixed seed, so
// that a fit can be held against what made its data, or against an exact answer by separate plain code.

import { noiseSource } from "../../src/exec/random.ts";
import type { Nested, RawData } from "../../src/result.ts";

export type BugsCase = {
  readonly data: RawData;
  /** What made the data, by name, each with the largest posterior sd that an informed fit may have. */
  readonly made?: Readonly<Record<string, readonly [truth: Nested, largestSd: number]>>;
  /** Posterior means that are known exactly, each with the tolerance that 1,000 draws allow. */
  readonly exact?: Readonly<Record<string, readonly [mean: Nested, tolerance: number]>>;
  /** The posterior is no Gaussian, and k-hat must say so. */
  readonly beyondGaussian?: true;
};

type Random = {
  readonly uniform: (lower?: number, upper?: number) => number;
  readonly normal: (mean: number, sd: number) => number;
  readonly chance: (p: number) => number;
  /** 0, 1, … with these weights. */
  readonly pick: (weights: readonly number[]) => number;
  readonly poisson: (rate: number) => number;
  readonly binomial: (n: number, p: number) => number;
};

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

function random(name: string): Random {
  const source = noiseSource("uniform", { seed: 4, site: name, step: 0 });
  let used = 0;
  const next = (): number => source(used++);
  const chance = (p: number): number => (next() < p ? 1 : 0);
  const pick = (weights: readonly number[]): number => {
    let left = next() * total(weights);
    const found = weights.findIndex((w) => (left -= w) < 0);
    return found < 0 ? weights.length - 1 : found;
  };
  const poisson = (rate: number): number => {
    let n = -1;
    for (let left = rate; left > 0; n++) left += Math.log(next());
    return n;
  };
  return {
    uniform: (lower = 0, upper = 1) => lower + (upper - lower) * next(),
    normal: (mean, sd) => mean + sd * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()),
    chance,
    pick,
    poisson,
    binomial: (n, p) => total(times(n, () => chance(p))),
  };
}

/** Every case, by the name of its model. */
export const bugsCases: Readonly<Record<string, () => BugsCase>> = {
  rats: () => {
    const r = random("rats"),
      N = 20,
      x = [8, 15, 22, 29, 36];
    const Y = times(N, (i) => {
      const a = r.normal(242, 14),
        b = r.normal(6.2, 0.5);
      return x.map((day, j) => (j > 1 && j >= 5 - i / 6 ? null : a + b * (day - 22) + r.normal(0, 6)));
    });
    return { data: { N, T: 5, x, xbar: 22, Y }, made: { alpha_c: [242, 5], beta_c: [6.2, 0.3], sigma: [6, 1.2] } };
  },
  pump: () => {
    const r = random("pump"),
      t = [94, 16, 63, 126, 5, 31, 1, 1, 2, 10],
      theta = [0.06, 0.1, 0.09, 0.12, 0.6, 0.6, 0.9, 0.9, 1.6, 2];
    const x = t.map((time, i) => r.poisson(theta[i]! * time));
    return { data: { N: 10, t, x }, made: { theta: [theta, 1.2], alpha: [0.8, 0.5] } };
  },
  dogs: () => {
    const r = random("dogs");
    const Y = times(30, () => {
      const row: number[] = [0];
      while (row.length < 25) {
        const avoided = total(row);
        row.push(r.chance(1 - Math.exp(-0.25 * avoided - 0.08 * (row.length - avoided))));
      }
      return row;
    });
    return { data: { Dogs: 30, Trials: 25, Y }, made: { alpha: [-0.25, 0.03], beta: [-0.08, 0.02] } };
  },
  ranks: () => {
    const r = [3, 18, 8, 46],
      n = [47, 148, 119, 310];
    const means = r.map((x, i) => (x + 1) / (n[i]! + 2));
    const ranks = expectedRanks(r, n);
    return { data: { N: 4, r, n }, exact: { p: [means, 0.005], rk: [ranks, 0.1], greater: [ranks, 0.1] } };
  },
  mice: () => {
    const r = random("mice"),
      beta = [-9.5, -10.5, -9.2, -9.8];
    const died = beta.map((b) => times(20, () => Math.exp(-b / 2.9) * (-Math.log(r.uniform())) ** (1 / 2.9)));
    const t = died.map((row) => row.map((time) => (time > 32 ? null : time)));
    const t_cen = died.map((row) => row.map((time) => (time > 32 ? 32 : 0)));
    return { data: { M: 4, N: 20, t, t_cen }, made: { r: [2.9, 0.5], beta: [beta, 1.5] } };
  },
  leuk: () => {
    const r = random("leuk"),
      N = 42,
      Z = times(N, (i) => (i < 21 ? 0.5 : -0.5));
    const died = Z.map((z) => Math.ceil((-Math.log(r.uniform()) * 13) / Math.exp(1.5 * z)));
    const obs_t = died.map((time) => Math.min(time, 25));
    const fail = died.map((time) => (time > 25 ? 0 : 1));
    const deaths = [...new Set(obs_t.filter((_, i) => fail[i] === 1))].sort((a, b) => a - b);
    return {
      data: { N, T: deaths.length, eps: 1e-10, obs_t, fail, Z, t: [...deaths, 26] },
      made: { beta: [1.5, 0.5] },
    };
  },
  biopsies: () => {
    const r = random("biopsies"),
      p = [0.15, 0.31, 0.39, 0.15];
    const error = [
      [1, 0, 0, 0],
      [0.6, 0.4, 0, 0],
      [0.34, 0.04, 0.62, 0],
      [0.09, 0.02, 0.27, 0.62],
    ];
    const biopsies = times(160, () => {
      const truth = r.pick(p),
        counts = [0, 0, 0, 0];
      for (let left = 2 + r.pick([1, 1, 1]); left > 0; left--) counts[r.pick(error[truth]!)]!++;
      return counts;
    });
    return { data: { ns: 160, biopsies }, made: { p: [p, 0.1], e4: [error[3]!, 0.1] } };
  },
  cervix: () => {
    const r = random("cervix"),
      phi = [
        [0.3, 0.2],
        [0.6, 0.8],
      ];
    const rows = times(400, (i) => {
      const x = r.chance(0.45),
        d = r.chance(logistic(-0.9 + 0.6 * x));
      return { x: i < 100 ? x : null, d, w: r.chance(phi[x]![d]!) };
    });
    const data = { N: 400, x: rows.map((row) => row.x), d: rows.map((row) => row.d), w: rows.map((row) => row.w) };
    return { data, made: { q: [0.45, 0.06], beta: [0.6, 0.6], phi: [phi, 0.12] } };
  },
  coal: () => {
    const r = random("coal"),
      count = times(40, (t) => r.poisson(t < 18 ? 3 : 1));
    return { data: { Y: 40, count }, exact: changeAnswers(count) };
  },
  asia: () => {
    const data = {
      asia: 2,
      dyspnoea: 2,
      p_smoking: [0.5, 0.5],
      p_tuberculosis: [
        [0.99, 0.01],
        [0.95, 0.05],
      ],
      p_bronchitis: [
        [0.7, 0.3],
        [0.4, 0.6],
      ],
      p_lung: [
        [0.99, 0.01],
        [0.9, 0.1],
      ],
      p_xray: [
        [0.95, 0.05],
        [0.02, 0.98],
      ],
      p_dysp: [
        [
          [0.9, 0.1],
          [0.2, 0.8],
        ],
        [
          [0.3, 0.7],
          [0.1, 0.9],
        ],
      ],
    };
    return { data, exact: asiaAnswers(data) };
  },
  pigs: () => {
    const p_inh = [
      [
        [1, 0, 0],
        [0.5, 0.5, 0],
        [0, 1, 0],
      ],
      [
        [0.5, 0.5, 0],
        [0.25, 0.5, 0.25],
        [0, 0.5, 0.5],
      ],
      [
        [0, 1, 0],
        [0, 0.5, 0.5],
        [0, 0, 1],
      ],
    ];
    const data = {
      Ian: 1,
      Ellen: 1,
      Jane: 1,
      p_read: [
        [1, 0],
        [1, 0],
        [0, 1],
      ],
      p_inh,
    };
    return { data, exact: pigsAnswers(p_inh) };
  },
  ice: () => {
    const r = random("ice"),
      beta = times(11, (k) => -6 + 0.1 * k + 0.3 * Math.sin(k / 3));
    const cells = times(13 * 6, (i) => ({
      age: Math.floor(i / 6),
      year: Math.min(10, (i % 6) + Math.floor((12 - Math.floor(i / 6)) / 2.4)),
    }));
    const pyr = cells.map(() => r.uniform(1e4, 6e4));
    const cases = cells.map(({ age, year }, i) => r.poisson(pyr[i]! * Math.exp(0.15 * age + beta[year]!)));
    const data = {
      N: cells.length,
      Nage: 13,
      K: 11,
      age: cells.map((c) => c.age + 1),
      year: cells.map((c) => c.year + 1),
      cases,
      pyr,
    };
    return { data, made: { beta: [beta, 0.3] } };
  },
  jaw: () => {
    const r = random("jaw"),
      age = [8, 8.5, 9, 9.5];
    const Y = times(20, () => {
      const boy = r.normal(0, 2.4);
      return age.map((a) => 33.8 + 1.85 * a + boy + r.normal(0, 0.7));
    });
    const R = times(4, (i) => times(4, (j) => (i === j ? 1 : 0)));
    return { data: { N: 20, M: 4, age, R, Y }, made: { beta0: [33.8, 3], beta1: [1.85, 0.35] } };
  },
  alli: () => {
    const r = random("alli"),
      alpha = [0, -0.5, 0.4],
      beta = [
        [0, 0, 0],
        [0, 0.8, -0.6],
      ],
      gamma = [
        [0, 0, 0],
        [0, -0.5, 0.5],
      ];
    const X = beta.map((b) =>
      gamma.map((g) => {
        const counts = [0, 0, 0],
          weights = alpha.map((a, k) => Math.exp(a + b[k]! + g[k]!));
        for (let left = 200; left > 0; left--) counts[r.pick(weights)]!++;
        return counts;
      }),
    );
    return { data: { I: 2, J: 2, K: 3, X }, made: { alpha: [alpha, 0.2] } };
  },
  ragged: () => {
    const r = random("ragged"),
      sizes = [3, 5, 2, 8, 6, 4],
      m = sizes.map(() => r.normal(2, 3));
    const y = sizes.flatMap((size, j) => times(size, () => r.normal(m[j]!, 1)));
    const start = [1, ...sizes.map((_, j) => 1 + total(sizes.slice(0, j + 1)))];
    return { data: { N: y.length, S: sizes.length, y, start }, made: { m: [m, 0.9], s: [1, 0.25] } };
  },
  camel: () => {
    const Y = [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
      [2, null],
      [2, null],
      [-2, null],
      [-2, null],
      [null, 2],
      [null, 2],
      [null, -2],
      [null, -2],
    ];
    // Symmetric in the sign of one column, so the correlation has mean zero.
    return {
      data: {
        N: 12,
        R: [
          [0.1, 0],
          [0, 0.1],
        ],
        Y,
      },
      exact: { rho: [0, 0.15] },
      beyondGaussian: true,
    };
  },
  interval: () => {
    const r = random("interval"),
      y = times(120, () => r.normal(3, 2));
    return { data: { N: 120, lo: y.map(Math.floor), hi: y.map(Math.ceil) }, made: { mu: [3, 0.25], sigma: [2, 0.2] } };
  },
};

/** E rank of p[i] = 1 + sum over j of P(p[j] < p[i]), p[i] ~ Beta(1 + r, 1 + n - r), by sums over a grid. */
function expectedRanks(r: readonly number[], n: readonly number[]): number[] {
  const grid = times(4000, (g) => (g + 0.5) / 4000);
  const masses = r.map((x, i) => {
    const peak = x * Math.log(x / n[i]!) + (n[i]! - x) * Math.log(1 - x / n[i]!);
    const weights = grid.map((p) => Math.exp(x * Math.log(p) + (n[i]! - x) * Math.log(1 - p) - peak));
    return weights.map((w) => w / total(weights));
  });
  const below = masses.map((mass) => {
    let sum = 0;
    return mass.map((m) => (sum += m) - m / 2);
  });
  return masses.map((mass, i) => 1 + total(below.map((b, j) => (i === j ? 0 : total(mass.map((m, g) => m * b[g]!))))));
}

type Table = readonly (readonly number[])[];

type Asia = {
  readonly p_tuberculosis: Table;
  readonly p_bronchitis: Table;
  readonly p_lung: Table;
  readonly p_xray: Table;
  readonly p_dysp: readonly Table[];
};

/** The sum over all 32 states of the network, given the visit and the shortness of breath. */
function asiaAnswers({ p_tuberculosis, p_bronchitis, p_lung, p_xray, p_dysp }: Asia): NonNullable<BugsCase["exact"]> {
  const states = times(32, (code) => times(5, (bit) => (code >> bit) & 1));
  const weights = states.map(([s, t, l, b, x]) => {
    const either = Math.max(t!, l!);
    return (
      0.5 *
      p_tuberculosis[1]![t!]! *
      p_lung[s!]![l!]! *
      p_bronchitis[s!]![b!]! *
      p_xray[either]![x!]! *
      p_dysp[either]![b!]![1]!
    );
  });
  const chance = (of: (state: readonly number[]) => number): readonly [number, number] => {
    return [total(states.map((state, i) => weights[i]! * of(state))) / total(weights), 0.05];
  };
  return {
    p_smoke: chance(([s]) => s!),
    p_tub: chance(([, t]) => t!),
    p_lung_c: chance(([, , l]) => l!),
    p_either: chance(([, t, l]) => Math.max(t!, l!)),
    p_x: chance(([, , , , x]) => x!),
  };
}

/** Posterior mean of the gene frequency: a sum over all genotypes at every p of a grid. Nobody shows the trait, so
 *  neither parent nor child has the third genotype. */
function pigsAnswers(inherit: readonly Table[]): NonNullable<BugsCase["exact"]> {
  const genotypes = [0, 1, 2],
    shown = [0, 1];
  const likelihood = (p: number): number => {
    const prior = [(1 - p) ** 2, 2 * p * (1 - p), p ** 2];
    return total(
      genotypes.flatMap((ann) =>
        genotypes.flatMap((brian) =>
          genotypes.map(
            (clare) =>
              prior[ann]! *
              prior[brian]! *
              prior[clare]! *
              total(
                shown.flatMap((diane) =>
                  shown.flatMap((eric) =>
                    shown.map(
                      (fred) =>
                        inherit[ann]![brian]![diane]! * inherit[brian]![clare]![eric]! * inherit[diane]![eric]![fred]!,
                    ),
                  ),
                ),
              ),
          ),
        ),
      ),
    );
  };
  const grid = times(1000, (g) => (g + 0.5) / 1000),
    weights = grid.map(likelihood);
  return { p: [total(grid.map((p, g) => p * weights[g]!)) / total(weights), 0.02] };
}

/** Means given each change point are those of Gamma(1 + n, 1 + years); a change point has weight m(before) m(after),
 *  m(part) = n! (1 + years)^-(1 + n). */
function changeAnswers(count: readonly number[]): NonNullable<BugsCase["exact"]> {
  const parts = times(count.length - 1, (i) =>
    [count.slice(0, i + 1), count.slice(i + 1)].map((part) => ({ n: total(part), years: part.length })),
  );
  const evidence = parts.map((pair) =>
    total(pair.map(({ n, years }) => total(times(n, (i) => Math.log(i + 1))) - (1 + n) * Math.log(1 + years))),
  );
  const weights = evidence.map((e) => Math.exp(e - Math.max(...evidence)));
  const mean = (of: readonly number[]): number => total(of.map((value, i) => value * weights[i]!)) / total(weights);
  const rates = [0, 1].map((side) => mean(parts.map((pair) => (1 + pair[side]!.n) / (1 + pair[side]!.years))));
  return { tau: [mean(parts.map((_, i) => i + 1)), 0.4], rate: [rates, 0.06] };
}
