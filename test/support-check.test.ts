// The load check of what is observed and of arguments that the data decides (PPL609): which values pass, and what is named.

import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { renderText } from "../src/base/render.ts";
import { compile } from "../src/compile.ts";
import type { RawData } from "../src/result.ts";

/** Each diagnostic with its place in the data, or the text that it points at. */
function found(text: string, data: RawData): readonly string[] {
  try {
    compile({ path: "m.ppl", text }, data, { dataFile: "d.json" });
    return [];
  } catch (error) {
    if (!(error instanceof VariateError)) throw error;
    return error.diagnostics
      .filter((d) => d.severity === "error")
      .map(({ code, message, at }) => {
        if (at.kind === "data") return `${code} ${at.place.key} ${at.place.element ?? "whole"}: ${message}`;
        return `${code} ${at.kind === "source" ? at.span.source.text.slice(at.span.start, at.span.end) : at.kind}: ${message}`;
      });
  }
}

const over = (type: string, dist: string, rest = ""): string => `data { base 1; dim N; y: ${type}[N]; ${rest} }
model { sample p ~ Beta(1, 1) plate i in N { observe y[i] ~ ${dist} } }`;

describe("an observed value outside the support names key and element", () => {
  const cases: readonly (readonly [model: string, good: RawData, bad: RawData, says: string])[] = [
    [
      over("int", "Poisson(p)"),
      { y: [0, 3] },
      { y: [0, -1] },
      "PPL609 y element 2: y[2] is -1, which `Poisson(p)` cannot give: its values are whole numbers from 0 on",
    ],
    [
      over("real", "Beta(p, 2)"),
      { y: [0.5] },
      { y: [1.3] },
      "PPL609 y element 1: y[1] is 1.3, which `Beta(p, 2)` cannot give: its values are numbers from 0 to 1",
    ],
    [
      over("int", "Bernoulli(p)"),
      { y: [0, 1] },
      { y: [0, 2] },
      "PPL609 y element 2: y[2] is 2, which `Bernoulli(p)` cannot give: its values are 0 and 1",
    ],
    [
      over("int", "Categorical([0.2, 0.3, 0.5])"),
      { y: [1, 3] },
      { y: [1, 5] },
      "PPL609 y element 2: y[2] is 5, which `Categorical([0.2, 0.3, 0.5])` cannot give: its values are 1 to 3",
    ],
    [
      over("int", "Binomial(n[i], p)", "n: int[N]"),
      { y: [1, 4], n: [1, 4] },
      { y: [1, 4], n: [4, 3] },
      "PPL609 y element 2: y[2] is 4, which `Binomial(n[i], p)` cannot give: its values are whole numbers from 0 to 3",
    ],
    [
      over("real", "LogNormal(p, 1)"),
      { y: [1] },
      { y: [0] },
      "PPL609 y element 1: y[1] is 0, which `LogNormal(p, 1)` cannot give: its values are numbers above 0",
    ],
    [
      over("real", "Exponential(p)"),
      { y: [0] },
      { y: [-1] },
      "PPL609 y element 1: y[1] is -1, which `Exponential(p)` cannot give: its values are numbers from 0 on",
    ],
    [
      over("int", "DiscreteUniform(-3, 3)"),
      { y: [-3] },
      { y: [-4] },
      "PPL609 y element 1: y[1] is -4, which `DiscreteUniform(-3, 3)` cannot give: its values are whole numbers from -3 to 3",
    ],
    [
      over("real", "Truncated(Normal(p, 1), lower = c[i])", "c: real[N]"),
      { y: [2], c: [1] },
      { y: [2], c: [2.5] },
      "PPL609 y element 1: y[1] is 2, which `Truncated(Normal(p, 1), lower = c[i])` cannot give: its values are numbers from 2.5 on",
    ],
    [
      over("real", "Uniform(0, 1 + p)"),
      { y: [0.5] },
      { y: [-0.5] },
      "PPL609 y element 1: y[1] is -0.5, which `Uniform(0, 1 + p)` cannot give: its values are numbers from 0 on",
    ],
    [
      "data { dim N, K; y: real[N, K] }\nmodel { sample a ~ Gamma(1, 1) plate i in N { observe y[i] ~ Dirichlet(a, K) } }",
      { y: [[0.5, 0.5]] },
      {
        y: [
          [0.5, 0.5],
          [0.5, 0.6],
        ],
      },
      "PPL609 y element 1: y[1] is [0.5, 0.6], which `Dirichlet(a, K)` cannot give: its values are numbers from 0 on that sum to 1",
    ],
    [
      "data { dim K; y: int[K]; n: int }\nmodel { sample p ~ Dirichlet(1, K) observe y ~ Multinomial(n, p) }",
      { y: [1, 2], n: 3 },
      { y: [1, 2], n: 4 },
      "PPL609 y whole: y is [1, 2], which `Multinomial(n, p)` cannot give: its values are counts that add up to 4",
    ],
    [
      "data { dim N, M; y: int[N, M] }\nmodel { sample p ~ Beta(1, 1) plate i in N { observe y[i] ~ Poisson(p * ones(M)) } }",
      { y: [[1, 2]] },
      {
        y: [
          [1, 2],
          [3, -4],
        ],
      },
      "PPL609 y element [1, 1]: y[1, 1] is -4, which `Poisson(p * ones(M))` cannot give: its values are whole numbers from 0 on",
    ],
    [
      'data { dim N; a: real[N]; b: real[N]; xy: real[N, 2] from ["u", "v"] }\nmodel { sample p ~ Beta(1, 1) plate i in N { observe xy[i, 1] ~ Exponential(p) } }',
      { a: [1], b: [1], u: [-1], v: [1] },
      { a: [1], b: [1], u: [1], v: [-1] },
      "PPL609 v element 0: v[0] is -1, which `Exponential(p)` cannot give: its values are numbers from 0 on",
    ],
    [
      "data { dim N; y: real[N] }\nmodel { sample p ~ Beta(1, 1) let z = y - 2 plate i in N { observe z[i] ~ Exponential(p) } }",
      { y: [3] },
      { y: [3, 1] },
      "PPL609 z[i]: z[i] is -1, which `Exponential(p)` cannot give: its values are numbers from 0 on",
    ],
    [
      "data { dim T; y: int[T] }\nmodel { sample p ~ Beta(1, 1) scan t in T carry a = p { let a[t] = a[t - 1] / 2 observe y[t] ~ Poisson(a[t]) } }",
      { y: [0, 1] },
      { y: [0, -1] },
      "PPL609 y element 1: y[1] is -1, which `Poisson(a[t])` cannot give: its values are whole numbers from 0 on",
    ],
  ];
  test.each(cases)("%s", (text, good, bad, says) => {
    expect(found(text, bad)).toEqual([says]);
    expect(found(text, good)).toEqual([]);
  });

  test("missing entries and members that a condition leaves out are passed over", () => {
    const missing = over("int?", "Binomial(n[i], p)", "n: int[N]");
    expect(found(missing, { y: [null, 1], n: [-1, 1] })).toEqual([]);
    expect(found(missing, { y: [0, 1], n: [-1, 1] })).toHaveLength(2);
    const left =
      "data { dim N; y: int[N]; n: int[N] }\nmodel { sample p ~ Beta(1, 1) plate i in N { if n[i] > 0 { observe y[i] ~ Binomial(n[i], p) } } }";
    expect(found(left, { y: [-7, 1], n: [-1, 1] })).toEqual([]);
    expect(found(left, { y: [-7, 1], n: [1, 1] })).toHaveLength(1);
    const own = left.replace("if n[i] > 0", "if y[i] != -1");
    expect(found(own, { y: [-1, 1], n: [1, 1] })).toEqual([]);
    expect(found(own, { y: [-1, -7], n: [1, 1] })).toHaveLength(1);
  });

  test("the first ten are shown, and how many more", () => {
    const says = found(over("int", "Poisson(p)"), { y: Array<number>(14).fill(-1) });
    expect(says).toHaveLength(11);
    expect(says.at(-1)).toContain('4 more entries of "y"');
  });

  test("as a person reads it", async () => {
    try {
      compile({ path: "m.ppl", text: over("int", "Poisson(p)") }, { y: [0, -1] }, { dataFile: "d.json" });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof VariateError)) throw error;
      expect(renderText(error.diagnostics)).toBe(
        [
          "error[PPL609]: y[2] is -1, which `Poisson(p)` cannot give: its values are whole numbers from 0 on",
          ' --> d.json: key "y", element 2; declared at m.ppl:1:23',
          "2 | model { sample p ~ Beta(1, 1) plate i in N { observe y[i] ~ Poisson(p) } }",
          "  |                                                             ---------- observed here",
        ].join("\n"),
      );
    }
  });
});

describe("an argument that the data decides", () => {
  const cases: readonly (readonly [model: string, good: RawData, bad: RawData, says: string])[] = [
    [
      over("int", "Categorical(w)", "dim K; w: real[K]"),
      { y: [1], w: [0.5, 0.5] },
      { y: [1], w: [0.5, 0.6] },
      "PPL609 w: `prob` of Categorical must be numbers >= 0 that sum to one, and the data makes it [0.5, 0.6], with sum 1.1",
    ],
    [
      over("int", "Categorical(w[i])", "dim K; w: real[N, K]"),
      {
        y: [1, 1],
        w: [
          [0.5, 0.5],
          [0, 1],
        ],
      },
      {
        y: [1, 1],
        w: [
          [0.5, 0.5],
          [-1, 2],
        ],
      },
      "PPL609 w[i]: `prob` of Categorical must be numbers >= 0 that sum to one, and the data makes it [-1, 2], with sum 1",
    ],
    [
      over("real", "Mixture(w, [Normal(p, 1), Normal(0, 1)])", "w: real[2]"),
      { y: [1], w: [0.4, 0.6] },
      { y: [1], w: [4, 6] },
      "PPL609 w: `weights` of Mixture must be numbers >= 0 that sum to one, and the data makes it [4, 6], with sum 10",
    ],
    [
      over("real", "Normal(p, s[i])", "s: real[N]"),
      { y: [1], s: [1] },
      { y: [1, 1], s: [1, 0] },
      "PPL609 s[i]: `sd` of Normal must be > 0, and the data makes it 0",
    ],
    [
      "data { dim K; a: real[K]; y: real }\nmodel { sample p ~ Dirichlet(a) observe y ~ Normal(p[0], 1) }",
      { a: [1, 2], y: 1 },
      { a: [1, 0], y: 1 },
      "PPL609 a: `concentration` of Dirichlet must be > 0 in every entry, and the data makes it 0",
    ],
  ];
  test.each(cases)("%s", (text, good, bad, says) => {
    expect(found(text, bad)).toEqual([says]);
    expect(found(text, good)).toEqual([]);
  });
  test.each([
    [
      "a size",
      "n: int",
      "sample w ~ Dirichlet(1, n) factor w[0]",
      { n: -1 },
      "PPL609 n: `K` of Dirichlet must be a whole number >= 1, and the data makes it -1",
    ],
    [
      "a size of a combinator",
      "n: int",
      "sample w ~ Ordered(Normal(0, 1), n) factor -sum(w^2)",
      { n: 0 },
      "PPL609 n: `size` of Ordered must be a whole number >= 1, and the data makes it 0",
    ],
    [
      "a size of an array",
      "n: int",
      "sample w ~ Normal(zeros(n), 1) factor -sum(w^2)",
      { n: -1 },
      "PPL609 n: `size` of zeros(…) must be a whole number >= 0, and the data makes it -1",
    ],
    [
      "a covariance",
      "S: real[2, 2]",
      "sample w ~ MultivariateNormal(zeros(2), cov = S) factor w[0]",
      {
        S: [
          [1, 2],
          [2, 1],
        ],
      },
      "PPL705 S: `cov` of MultivariateNormal must be a symmetric positive definite matrix, and the data makes it [1, 2, 2, 1]",
    ],
    [
      "cuts",
      "c: real[2]; y: int",
      "sample w ~ Normal(0, 1) observe y ~ OrderedLogistic(w, c)",
      { c: [1, 0], y: 1 },
      "PPL609 c: `cuts` of OrderedLogistic must be increasing numbers, and the data makes it [1, 0]",
    ],
  ] as const)("%s", (_, declared, body, data, says) =>
    expect(found(`data { ${declared} } model { ${body} }`, data as unknown as RawData)).toEqual([says]),
  );

  test("does not count where the statement does not", () => {
    const text =
      "data { dim N; y: real?[N]; s: real[N] }\nmodel { sample p ~ Beta(1, 1) plate i in N { observe y[i] ~ Normal(p, s[i]) } }";
    expect(found(text, { y: [1, null], s: [1, 0] })).toEqual([]);
    expect(found(text, { y: [null, 1], s: [1, 0] })).toHaveLength(1);
  });
});
