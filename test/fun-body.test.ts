// Statements in the body of a `fun`: values against plain code, wherever the call stands, and what is refused.

import { describe, expect, test } from "vitest";
import type { Source } from "../src/base/span.ts";
import { infer } from "../src/infer.ts";
import { check } from "../src/model/check.ts";
import type { RawData } from "../src/result.ts";

const source = (text: string): Source => ({ path: "m.ppl", text });
const codes = (text: string): readonly string[] => check(source(text)).report.map(({ code }) => code);

const FUNS = `fun filtered(x: real[N], a: real, first: real) -> real[N] {
  scan t in N carry s = first { let s[t] = a * s[t - 1] + x[t] }
  return s
}
fun back(x: real[N]) -> real[N] {
  scan t in N reverse carry s: real { let s[t] = if t == last(N) then x[t] else 0.5 * s[t + 1] + x[t] }
  return s
}
fun table(x: real[N], w: real[K]) -> real[N, K] {
  let c = sum(w)
  plate i in N {
    let d = x[i] * c
    plate k in K { let q[i, k] = d * w[k]  let swapped[k, i] = q[i, k] }
    let row[i] = sum(q[i])
    if d > 0 { let unused = row[i] / d } else { let other = 0 }
  }
  return q + transpose(swapped) * 0 + row
}
`;
const Y = [1, -2, 3];
const W = [0.5, 2];
const filtered = (x: readonly number[], a: number, first: number): number[] => {
  let last = first;
  return x.map((value) => (last = a * last + value));
};
const back = (x: readonly number[]): number[] => {
  let last = 0;
  return [...x]
    .reverse()
    .map((value) => (last = 0.5 * last + value))
    .reverse();
};
const table = (x: readonly number[], w: readonly number[]): number[][] => {
  const c = w.reduce((a, b) => a + b);
  return x.map((value) => w.map((weight) => value * c * weight + value * c * c));
};

/** The means of reports, which depend on data alone. */
async function reports(
  declared: string,
  statements: string,
  data: RawData = { y: Y, w: W },
): Promise<Record<string, unknown>> {
  const text = `${FUNS}data { dim N, K; y: real[N]; w: real[K]; ${declared} }\nmodel { sample mu ~ Normal(0, 1) observe y[0] ~ Normal(mu, 1) ${statements} }`;
  const fit = await infer(source(text), data, { draws: 4, predictive: false });
  return Object.fromEntries(Object.entries(fit.reports).map(([name, { mean }]) => [name, mean]));
}

describe("statements of a fun", () => {
  test("plates, scans and conditions give what plain code gives", async () => {
    const found = await reports("", "report f = filtered(y, 0.5, 2) report b = back(y) report t = table(y, w)");
    expect(found).toEqual({ f: filtered(Y, 0.5, 2), b: back(Y), t: table(Y, W) });
  });

  test("in the data block, in a plate over the same dim, in a comprehension, in another fun", async () => {
    const found = await reports(
      "d: real[N] = filtered(y, 0.5, 2)",
      `plate i in N { let r[i] = filtered(y * d[i], 0.5, y[i]) } report d2 = sum(d) report r
       report c = [i in N, k in K: filtered(y, w[k], y[i])] report n = back(filtered(y, 0.5, 2))`,
    );
    const d = filtered(Y, 0.5, 2);
    expect(found).toEqual({
      d2: d.reduce((a, b) => a + b),
      r: Y.map((first, i) =>
        filtered(
          Y.map((y) => y * d[i]!),
          0.5,
          first,
        ),
      ),
      c: Y.map((first) => W.map((a) => filtered(Y, a, first))),
      n: back(d),
    });
  });

  test("a read that the call's condition leaves out does not happen", async () => {
    const text = `fun before(x: real[N], i: int) -> real { let v = x[i] return v }
data { dim N; y: real[N] }
model { sample mu ~ Normal(0, 1) plate i in N { let r[i] = if i > 0 then before(y, i - 1) else 0.0 observe y[i] ~ Normal(mu + r[i], 1) } report r }`;
    expect((await infer(source(text), { y: Y }, { draws: 4, predictive: false })).reports["r"]!.mean).toEqual([
      0, 1, -2,
    ]);
    await expect(
      infer(source(text.replace("if i > 0 then before(y, i - 1) else 0.0", "before(y, i - 1)")), { y: Y }),
    ).rejects.toThrow("PPL605");
  });

  test("latent arguments have gradients: the posterior is that of the model written out", async () => {
    const model = (mean: string): string => `${FUNS}data { dim N; y: real[N] }
model { sample a ~ Normal(0, 0.5) sample sigma ~ HalfNormal(1) let m = ${mean} plate i in N { observe y[i] ~ Normal(m[i], sigma) } }`;
    const unrolled = "[a * 0.3 + y[0], a * (a * 0.3 + y[0]) + y[1], a * (a * (a * 0.3 + y[0]) + y[1]) + y[2]]";
    const [by, out] = await Promise.all(
      [model("filtered(y, a, 0.3)"), model(unrolled)].map((text) =>
        infer(source(text), { y: Y }, { predictive: false }),
      ),
    );
    expect(by!.elbo.mean).toBeCloseTo(out!.elbo.mean, 8);
    expect(by!.sites["a"]).toEqual(out!.sites["a"]);
  });
});

describe("what is refused", () => {
  const inFun = (body: string): readonly string[] => codes(`fun f(a: real[P], m: real) -> real { ${body} }`);
  test.each([
    ["PPL206", "plate i in P { let q[i] = a[i]  let r[i] = sum(q) } return sum(r)"],
    ["PPL205", "plate i in P { plate j in P { let q[i] = a[j] } } return sum(q)"],
    ["PPL201", "plate i in P { let q = a[i] } return q"],
    ["PPL408", "scan t in P carry s: real { let s[t] = s[t - 1] + a[t] } return s[last(P)]"],
    ["PPL203", "let m = 1 return m"],
    ["PPL104", "sample m2 ~ Normal(0, 1) return m2"],
  ])("%s %s", (code, body) => expect(inFun(body)).toEqual([code]));
  test("negative control", () => {
    expect(inFun("plate i in P { let q[i] = a[i]  let r[i] = q[i] } return sum(r)")).toEqual([]);
  });

  const called = (head: string, call: string): readonly string[] =>
    codes(
      `fun f(${head} = x\ndata { dim N; y: real[N]; n: real > 0 }\nmodel { sample mu ~ HalfNormal(1) plate i in N { observe y[i] ~ Normal(${call}, 1) } }`,
    );
  test.each([
    ["a bound on a parameter", "x: real > 0) -> real", "f(mu + n)", "f(-1.0)", ["PPL310"]],
    ["a bound on a parameter, broken by a support", "x: real < 0) -> real", "f(-1.0)", "f(mu)", ["PPL310"]],
    ["a bound on the result", "x: real) -> real in [0, 1]", "f(0.5)", "f(3.0)", ["PPL310"]],
  ])("%s is a promise", (_, head, good, bad, wanted) => {
    expect(called(head, bad)).toEqual(wanted);
    expect(called(head, good).filter((code) => code !== "PPL425" && code !== "PPL411")).toEqual([]); // what is unused is noted
  });
  test("`?` belongs to data", () => expect(called("x: real?) -> real", "f(mu)")).toContain("PPL308"));
  test("a record in data, two arrays of indices in one read", () => {
    expect(codes("data { r: { a: real } }\nmodel { sample mu ~ Normal(0, 1) }")).toContain("PPL306");
    expect(
      codes("data { dim N, J; x: real[J, J]; g: index(J)[N] }\nmodel { sample mu ~ Normal(sum(x[g, g]), 1) }"),
    ).toContain("PPL304");
    expect(
      codes(
        "data { dim N, J; x: real[J, J]; g: index(J)[N] }\nmodel { sample mu ~ Normal(sum([i in N: x[g[i], g[i]]]), 1) }",
      ),
    ).not.toContain("PPL304");
  });
});
