// Draws after the fit: new data for every `observe`, `predict` blocks with data of their own, simulation from the prior.

import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { infer, predict, simulate } from "../src/index.ts";
import type { Draws, Fit, RawData } from "../src/result.ts";

const fitOf = (text: string, data: RawData, options = {}): Promise<Fit> =>
  infer({ path: "m.ppl", text }, data, { draws: 2000, ...options });

/** Mean and sd of entry `i` over draws. */
function moments({ shape, values }: Draws, i = 0): { readonly mean: number; readonly sd: number; readonly n: number } {
  const size = shape.reduce((a, b) => a * b, 1);
  const column = values.filter((_, at) => at % size === i);
  const mean = column.reduce((a, b) => a + b, 0) / column.length;
  return {
    mean,
    sd: Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0) / (column.length - 1)),
    n: column.length,
  };
}

/** Within 4.5 standard errors: about one in 10^5 by chance. */
function expectMoments(draws: Draws, i: number, mean: number, sd: number): void {
  const found = moments(draws, i);
  expect(Math.abs(found.mean - mean)).toBeLessThan((4.5 * sd) / Math.sqrt(found.n));
  expect(Math.abs(found.sd / sd - 1)).toBeLessThan(4.5 * Math.sqrt(1 / (2 * found.n)));
}

async function codesOf(run: () => unknown): Promise<readonly string[]> {
  try {
    await run();
    return [];
  } catch (error) {
    if (error instanceof VariateError)
      return error.diagnostics.filter((d) => d.severity === "error").map((d) => d.code);
    throw error;
  }
}

// ---------------------------------------------------------------------------------------- new data

describe("y_rep", () => {
  test("has the moments of the posterior predictive of a normal mean", async () => {
    // mu | y ~ N(5, 1/2): prior N(0, inf-like 1e3), two observations with sd 1; y_rep ~ N(5, 1 + 1/2)
    const fit = await fitOf(
      "data { dim N; y: real[N] } model { sample mu ~ Normal(0, 1000) plate i in N { observe y[i] ~ Normal(mu, 1) } }",
      { y: [4, 6] },
    );
    for (const i of [0, 1]) expectMoments(fit.predictive["y_rep"]!, i, 5, Math.sqrt(1.5));
    expect(fit.labels["y_rep"]).toEqual({ base: 0, names: [null], dims: ["N"] });
    const again = await fitOf(
      "data { dim N; y: real[N] } model { sample mu ~ Normal(0, 1000) plate i in N { observe y[i] ~ Normal(mu, 1) } }",
      { y: [4, 6] },
    );
    expect(again.predictive).toEqual(fit.predictive);
    expect(
      (
        await fitOf(
          "data { y: real } model { sample mu ~ Normal(0, 1) observe y ~ Normal(mu, 1) }",
          { y: 1 },
          { predictive: false },
        )
      ).predictive,
    ).toEqual({});
  });

  const MU = "sample mu ~ Normal(0, 1) factor -0.5 * (1e4 * mu)^2"; // mu is 0 but for 1e-4

  test.each([
    [
      "by a plate of two",
      "plate i in N, k in K { observe x[i, k] ~ Normal(mu + 10 * int(i) + 100 * int(k), 0.01) }",
      [0, 100, 10, 110, 20, 120],
    ],
    [
      "by rows",
      "plate i in N { observe x[i] ~ Normal(mu + 10 * int(i) + [0.0, 100.0], 0.01) }",
      [0, 100, 10, 110, 20, 120],
    ],
    [
      "by the columns of a slice",
      "plate k in K { observe x[0..1, k] ~ Normal(mu + 100 * int(k) + [0.0, 10.0], 0.01) }",
      [0, 100, 10, 110, NaN, NaN],
    ],
    ["whole", "observe x ~ Normal(mu * ones(N, K) + 7, 0.01)", [7, 7, 7, 7, 7, 7]],
    [
      "by a permutation",
      "plate i in N { observe x[p[i], 1] ~ Normal(mu + 10 * int(i), 0.01) }",
      [NaN, 20, NaN, 0, NaN, 10],
    ],
    [
      "in the branches of a condition",
      "plate i in N { if i > 0 { observe x[i, 0] ~ Normal(mu + 1, 0.01) } else { observe x[i, 1] ~ Normal(mu + 2, 0.01) } }",
      [NaN, 2, 1, NaN, 1, NaN],
    ],
    [
      "one by one",
      "observe x[0, 0] ~ Normal(mu + 3, 0.01) observe x[2, 1] ~ Normal(mu + 4, 0.01)",
      [3, NaN, NaN, NaN, NaN, 4],
    ],
  ])("lies where it was observed: %s", async (_, statement, wanted) => {
    const data = {
      x: [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      p: [1, 2, 0],
    };
    const fit = await fitOf(
      `data { dim N, K; x: real[N, K]; p: index(N)[N] } model { ${MU} ${statement} let unused = p }`,
      data,
      { draws: 50 },
    );
    const rep = fit.predictive["x_rep"]!;
    expect(rep.shape).toEqual([3, 2]);
    wanted.forEach((value, i) =>
      expect(
        Math.abs(moments(rep, i).mean - value) < 0.05 || Number.isNaN(value) === Number.isNaN(moments(rep, i).mean),
      ).toBe(true),
    );
    wanted.forEach((value, i) => {
      if (!Number.isNaN(value)) expect(Math.abs(moments(rep, i).mean - value)).toBeLessThan(0.05);
    });
  });

  test("members are counted from the file's base, Booleans are 0 and 1, a let of data has its own", async () => {
    const fit = await fitOf(
      `data { base 1; dim N, K = 3; c: index(K)[N]; n: int[N]; b: bool[N]; y: real[N] > 0 }
model {
  ${MU}
  let ly = log(y)
  plate i in N {
    observe c[i] ~ Categorical([0.0, 0.0, 1.0])
    observe n[i] ~ Categorical(prob = [0.0, 1.0])
    observe b[i] ~ Bernoulli(1 - 1e-12)
    observe ly[i] ~ Normal(mu - 3, 0.01)
  }
}`,
      { c: [3, 3], n: [2, 2], b: [true, true], y: [1, 1] },
      { draws: 20 },
    );
    expect([...new Set(fit.predictive["c_rep"]!.values)]).toEqual([3]);
    expect([...new Set(fit.predictive["n_rep"]!.values)]).toEqual([2]);
    expect([...new Set(fit.predictive["b_rep"]!.values)]).toEqual([1]);
    expect(Math.abs(moments(fit.predictive["ly_rep"]!).mean + 3)).toBeLessThan(0.05);
    expect([...fit.data["ly"]!.values]).toEqual([0, 0]);
    expect(fit.data["c"]).toMatchObject({ observed: true, elem: "index" });
  });
});

// ---------------------------------------------------------------------------------------- predict

const REGRESSION = `data { dim N, J; x: real[N]; y: real[N]; g: index(J)[N] }
model {
  sample a ~ Normal(0, 100)
  plate j in J { sample b[j] ~ Normal(0, 100) }
  plate i in N { observe y[i] ~ Normal(a * x[i] + b[g[i]], 0.01) }
}
predict {
  data { dim M; x_new: real[M] >= 0; g_new: index(J)[M] }
  plate m in M {
    let at = a * x_new[m] + b[g_new[m]]
    sample y_new[m] ~ Normal(at, 0.01)
  }
  report total = sum(y_new)
}
predict { report slope = a  scan t in 4 carry walk: real { sample walk[t] ~ Normal((if t == 0 then 0.0 else walk[t - 1]) + a, 0.0001) } }
`;
/** y = 2 x + (1 for "u", 5 for "v") */
const DATA = { x: [0, 1, 0, 1], y: [1, 3, 5, 7], g: ["u", "u", "v", "v"] };
const NEW = { x_new: [10, 10, 0], g_new: ["v", "u", "v"] };

describe("predict", () => {
  test("sees the names of the model, its own data, and earlier steps of its scans", async () => {
    const fit = await fitOf(REGRESSION, { ...DATA, ...NEW });
    [25, 21, 5].forEach((value, m) =>
      expect(Math.abs(moments(fit.predictions["y_new"]!, m).mean - value)).toBeLessThan(0.1),
    );
    expect(Math.abs((fit.predicted["total"]!.mean as number) - 51)).toBeLessThan(0.2);
    const walk = fit.predictions["walk"]!;
    [2, 4, 6, 8].forEach((value, t) => expect(Math.abs(moments(walk, t).mean - value)).toBeLessThan(0.1));
    expect(fit.labels["y_new"]!.dims).toEqual(["M"]);
    // Each y_new adds noise of its own to what it shares with the others.
    const noise = fit.predictions["y_new"]!.values.filter((_, i) => i % 3 === 0).map(
      (v, k) => v - 10 * fit.draws["a"]!.values[k]! - fit.draws["b"]!.values[2 * k + 1]!,
    );
    expectMoments({ shape: [], values: noise }, 0, 0, 0.01);
  });

  test("a block without its keys is skipped with a note, and runs later on kept draws", async () => {
    const fit = await fitOf(REGRESSION, DATA);
    expect(fit.warnings.map(({ code }) => code)).toContain("PPL614");
    expect(Object.keys(fit.predictions)).toEqual(["slope", "walk"]);
    const kept = { data: fit.input, dataFile: "data.json", given: { n: 2000, sites: fit.draws, params: {} }, seed: 0 };
    const later = predict({ path: "m.ppl", text: REGRESSION }, kept, { data: NEW, file: "new.json" });
    const both = await fitOf(REGRESSION, { ...DATA, ...NEW });
    expect(later.predictions).toEqual(both.predictions);
    const other = predict(
      { path: "m.ppl", text: REGRESSION },
      { ...kept, data: both.input },
      { data: { x_new: [1], g_new: ["u"] }, file: "new.json" },
    );
    expect(other.predictions["y_new"]!.shape).toEqual([1]);
  });

  test.each([
    ["an unknown member", { ...NEW, g_new: ["v", "w", "v"] }, ["PPL610"]],
    ["members by number", { ...NEW, g_new: [0, 1, 0] }, ["PPL608"]],
    ["a violated bound", { ...NEW, x_new: [10, -1, 0] }, ["PPL609"]],
    ["sizes that disagree", { ...NEW, x_new: [10, 1] }, ["PPL602"]],
    ["a wrong type", { ...NEW, x_new: ["a", 1, 2] }, ["PPL608"]],
  ])("%s", async (_, fresh, codes) => {
    expect(await codesOf(() => fitOf(REGRESSION, { ...DATA, ...fresh }, { draws: 10 }))).toEqual(codes);
  });

  test.each([
    ["a dim of the model", "data { dim N; z: real[N] } report r = sum(z)", ["PPL203"]],
    ["a name of the model", "data { a: real } report r = a", ["PPL203"]],
    ["the name of the draws of an observe", "sample y_rep ~ Normal(0, 1)", ["PPL203"]],
    ["a base of its own", "data { base 1; u: real } report r = u", ["PPL308"]],
    ["a name that is local to a plate", "report r = inner", ["PPL201"]],
    ["a density", "factor 1", ["PPL104"]],
    ["an estimator", "@estimator(path) sample r ~ Normal(0, 1)", ["PPL202"]],
    ["an improper distribution", "sample r ~ Flat()", ["PPL710"]],
    ["a default that reads a site", "data { u: real = a } report r = u", ["PPL313"]],
  ])("refuses %s", async (_, body, codes) => {
    const text = `data { dim N; y: real[N] } model { sample a ~ Normal(0, 1) plate i in N { let inner = a + int(i) observe y[i] ~ Normal(inner, 1) } } predict { ${body} }`;
    expect(await codesOf(() => fitOf(text, { y: [1] }, { draws: 10 }))).toEqual(codes);
  });

  test("two blocks share no names", async () => {
    const text =
      "data { y: real } model { sample a ~ Normal(0, 1) observe y ~ Normal(a, 1) } predict { report r = a } predict { report r = 2 * a }";
    expect(await codesOf(() => fitOf(text, { y: 1 }))).toEqual(["PPL203"]);
  });
});

// ---------------------------------------------------------------------------------------- simulation

describe("simulate", () => {
  const source = (text: string) => ({ path: "m.ppl", text });

  test("draws sites from their priors and data given these", () => {
    const text =
      "data { dim N; s: real[N]; y: real[N] } model { sample mu ~ Normal(3, 2) plate i in N { observe y[i] ~ Normal(mu, s[i]) } report twice = 2 * mu }";
    const { sites, data, reports } = simulate(source(text), { s: [1, 10] }, { draws: 4000 });
    expectMoments(sites["mu"]!, 0, 3, 2);
    expectMoments(reports["twice"]!, 0, 6, 4);
    expectMoments(data["y"]!, 0, 3, Math.sqrt(4 + 1));
    expectMoments(data["y"]!, 1, 3, Math.sqrt(4 + 100));
    // y - mu is the noise: the data belong to the site of the same draw.
    expectMoments(
      { shape: [], values: data["y"]!.values.filter((_, i) => i % 2 === 0).map((y, k) => y - sites["mu"]!.values[k]!) },
      0,
      0,
      1,
    );
  });

  test("walks through a scan step by step, for counts too", () => {
    const text = `data { dim T }
model {
  scan t in T carry x: real, n: int {
    sample x[t] ~ Normal(if t == 0 then 5 else 0.5 * x[t - 1], 1)
    sample n[t] ~ Poisson(if t == 0 then 4 else 2 + 0.5 * n[t - 1])
  }
}`;
    const { sites } = simulate(source(text), { T: 4 }, { draws: 4000 });
    // E x_t = 5 / 2^t, var x_t = 1 + var x_{t-1} / 4; E n_t = 4, var n_t = 4 + var n_{t-1} / 4
    let [variance, spread] = [0, 0];
    for (let t = 0; t < 4; t++) {
      variance = 1 + variance / 4;
      spread = 4 + spread / 4;
      expectMoments(sites["x"]!, t, 5 / 2 ** t, Math.sqrt(variance));
      expect(Math.abs(moments(sites["n"]!, t).mean - 4)).toBeLessThan(4.5 * Math.sqrt(spread / 4000));
    }
  });

  test("walks through a scan whose carried sum counts its own draws", () => {
    const text = `data { dim T }
model {
  scan t in T carry ones: real = 1 {
    sample drawn[t] ~ Bernoulli(ones[t - 1] / (t + 2))
    let ones[t] = ones[t - 1] + drawn[t]
  }
  report ones
}`;
    const { sites, reports } = simulate(source(text), { T: 4 }, { draws: 4000 });
    // Polya's urn with one ball of each kind: every draw has probability 1/2, the number after T draws is uniform on 1 to T + 1
    for (let t = 0; t < 4; t++) {
      expectMoments(sites["drawn"]!, t, 0.5, 0.5);
      expectMoments(reports["ones"]!, t, (t + 3) / 2, Math.sqrt(((t + 2) ** 2 - 1) / 12));
    }
  });

  test("the noise is not that of a fit with the same seed", async () => {
    const text = "data { y: real } model { sample mu ~ Normal(0, 1) observe y ~ Normal(mu, 1000) }";
    const prior = simulate(source(text), {}, { draws: 1000, seed: 3 }).sites["mu"]!.values;
    const { draws } = await fitOf(text, { y: 0 }, { draws: 1000, seed: 3 });
    const correlation = prior.reduce((sum, v, k) => sum + v * draws["mu"]!.values[k]!, 0) / 1000;
    expect(Math.abs(correlation)).toBeLessThan(4.5 / Math.sqrt(1000));
  });

  test.each([
    ["an improper prior", "data { y: real } model { sample a ~ Flat() observe y ~ Normal(a, 1) }", {}, ["PPL710"]],
    [
      "observed data that is read elsewhere",
      "data { dim T; y: real[T] } model { sample a ~ Normal(0, 1) plate t in T { if t > 0 { observe y[t] ~ Normal(a * y[t - 1], 1) } } }",
      { T: 3 },
      ["PPL601"],
    ],
    [
      "a size that nothing gives",
      "data { dim N; y: real[N] } model { sample a ~ Normal(0, 1) plate i in N { observe y[i] ~ Normal(a, 1) } }",
      {},
      ["PPL603"],
    ],
  ])("refuses %s", async (_, text, data, codes) => {
    expect(await codesOf(() => simulate(source(text), data))).toEqual(codes);
  });

  test("a factor is left out with a warning", () => {
    const { report } = simulate(
      source("data { y: real } model { sample a ~ Normal(0, 1) factor -a observe y ~ Normal(a, 1) }"),
      {},
    );
    expect(report.map(({ code }) => code)).toEqual(["PPL711"]);
  });
});
