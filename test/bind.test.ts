// Data against its declaration: every 6xx code with its message, place and hint, and the same data without the fault.

import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../src/base/diagnostic.ts";
import { renderText } from "../src/base/render.ts";
import { dataEvaluator } from "../src/build/evaluate-data.ts";
import { bind } from "../src/model/bind.ts";
import type { Bound } from "../src/model/bound.ts";
import { check } from "../src/model/check.ts";
import type { Model } from "../src/model/model.ts";
import { shapesOnly } from "../src/model/shapes-only.ts";
import type { DataValue, RawData } from "../src/result.ts";

const MODEL = "model { sample mu ~ Normal(0, 1) }";

function modelOf(data: string): Model {
  const { model, report } = check({ path: "m.ppl", text: `data { ${data} }\n${MODEL}` });
  const errors = report.filter((d) => d.severity === "error");
  if (model === null || errors.length > 0) throw new Error(renderText(errors));
  return model;
}

function bindTo(data: string, raw: RawData): { bound: Bound | null; report: readonly Diagnostic[] } {
  const model = modelOf(data);
  return bind(model, raw, { file: "d.json", evaluate: dataEvaluator(model.base) });
}

/** Binds data that must be right. */
function bindWell(data: string, raw: RawData): Bound {
  const { bound, report } = bindTo(data, raw);
  expect(report.filter((d) => d.severity === "error").map((d) => d.message)).toEqual([]);
  return bound!;
}

const values = (bound: Bound, name: string): number[] => [...bound.arrays[name]!.values];

// ---------------------------------------------------------------------------------------- faults

type Case = {
  readonly code: string;
  readonly what: string;
  readonly data: string;
  readonly raw: RawData;
  /** Messages of the errors, in order. */
  readonly says: readonly string[];
  readonly key?: string;
  readonly element?: string;
  readonly hint?: RegExp;
};

const J_Y = "dim J; y: real[J]";

const cases: readonly Case[] = [
  {
    code: "PPL601",
    what: "an absent key",
    data: J_Y,
    raw: { J: 2 },
    says: ['the data has no key "y", which `y: real[J]` needs'],
    key: "y",
    hint: /add it to the data/,
  },
  {
    code: "PPL601",
    what: "no data at all",
    data: `${J_Y}; sigma: real[J]; k: real = 3`,
    raw: {},
    says: ['the model needs data: "y", "sigma"'],
    hint: /--data FILE/,
  },
  {
    code: "PPL601",
    what: "a misspelt key",
    data: `${J_Y}; sigma: real[J]`,
    raw: { y: [1, 2], sigm: [1, 2] },
    says: ['the data has no key "sigma", which `sigma: real[J]` needs'],
    hint: /did you mean "sigm"\?/,
  },
  {
    code: "PPL601",
    what: "a key under another name",
    data: `${J_Y}; s: real[J]`,
    raw: { y: [1, 2], stderr: [1, 2] },
    says: ['the data has no key "s", which `s: real[J]` needs'],
    hint: /nothing reads "stderr"; if it is that, write `s: real\[J\] from "stderr"`/,
  },
  {
    code: "PPL601",
    what: "one of several keys absent",
    data: 'dim N; x: real[N, 2] from ["a", "b"]',
    raw: { a: [1, 2] },
    says: ['the data has no key "b", which `x: real[N, 2]` needs'],
    key: "b",
  },
  {
    code: "PPL602",
    what: "two arrays over one dim",
    data: `${J_Y}; s: real[J]`,
    raw: { y: [1, 2], s: [1, 2, 3] },
    says: ['J is 2 in "y", but 3 in "s"'],
    key: "s",
  },
  {
    code: "PPL602",
    what: "the dim's key against an array",
    data: J_Y,
    raw: { J: 5, y: [1, 2] },
    says: ['J is 5 by its key "J", but 2 in "y"'],
    key: "y",
  },
  {
    code: "PPL602",
    what: "a literal size",
    data: "dim N; x: real[N, 2]",
    raw: { x: [[1, 2, 3]] },
    says: ["size 2 of x is 2 in `x: real[N, 2]`, but 3 in the data"],
    key: "x",
  },
  {
    code: "PPL602",
    what: "a second position",
    data: "dim N, K; x: real[N, K]; w: real[K]",
    raw: { x: [[1, 2]], w: [1, 2, 3] },
    says: ['K is 2 in "x" (position 2), but 3 in "w"'],
  },
  {
    code: "PPL602",
    what: "names that leave a member out",
    data: "dim J; g: index(J)[3]; u: real[J]",
    raw: { g: ["a", "b", "a"], u: [1, 2, 3] },
    says: ['J is 3 in "u", but 2 by the different names in "g"'],
  },
  {
    code: "PPL602",
    what: "columns of unequal length",
    data: 'dim N; x: real[N, 2] from ["a", "b"]',
    raw: { a: [1, 2], b: [1] },
    says: ['the length of x is 2 in "a", but 1 in "b"'],
  },
  {
    code: "PPL603",
    what: "a dim that nothing sizes",
    data: `${J_Y}; dim K`,
    raw: { y: [1] },
    says: ['the size of K is not known: the data has no key "K" and no array declared with K, and it has no default'],
    hint: /dim K = …/,
  },
  {
    code: "PPL603",
    what: "a default that is no count",
    data: `${J_Y}; dim K = J - 3`,
    raw: { y: [1] },
    says: ["the size of K is not known: its default `J - 3` is -2, which is not a count"],
  },
  {
    code: "PPL604",
    what: "null",
    data: J_Y,
    raw: { y: [1, null, 3] },
    says: ["y[1] is null, but `y: real[J]` has no missing entries"],
    key: "y",
    element: "element 1",
    hint: /leave the missing entries out/,
  },
  {
    code: "PPL604",
    what: "NaN in a matrix of base 1",
    data: "base 1; dim N; x: real[N, 2]",
    raw: {
      x: [
        [1, 2],
        [3, NaN],
      ],
    },
    says: ["x[2, 2] is NaN, but `x: real[N, 2]` has no missing entries"],
    element: "element [2, 2]",
  },
  {
    code: "PPL604",
    what: "a null scalar",
    data: "sd0: real",
    raw: { sd0: null },
    says: ["sd0 is null, but `sd0: real` has no missing entries"],
    key: "sd0",
  },
  {
    code: "PPL608",
    what: "text for a number",
    data: J_Y,
    raw: { y: [1, "2"] },
    says: ['y[1] is "2", but `y: real[J]` needs numbers'],
    element: "element 1",
    hint: /without quotes/,
  },
  {
    code: "PPL608",
    what: "NA as text",
    data: J_Y,
    raw: { y: ["NA"] },
    says: ['y[0] is "NA", but `y: real[J]` needs numbers'],
    hint: /left out/,
  },
  {
    code: "PPL608",
    what: "a fraction for an int",
    data: "dim N; n: int[N]",
    raw: { n: [1, 2.5] },
    says: ["n[1] is 2.5, but `n: int[N]` needs whole numbers"],
  },
  {
    code: "PPL608",
    what: "2 for a bool",
    data: "dim N; b: bool[N]",
    raw: { b: [1, 2] },
    says: ["b[1] is 2, but `b: bool[N]` needs true or false (or 1 or 0)"],
  },
  {
    code: "PPL608",
    what: "true for a real",
    data: J_Y,
    raw: { y: [true] },
    says: ["y[0] is true, but `y: real[J]` needs numbers"],
    hint: /bool/,
  },
  {
    code: "PPL608",
    what: "a list for a scalar",
    data: "a: real",
    raw: { a: [1, 2] },
    says: ["a is a list, but `a: real` needs a single value"],
  },
  {
    code: "PPL608",
    what: "a scalar for a list",
    data: J_Y,
    raw: { y: 3 },
    says: ["y is 3, but `y: real[J]` needs a list"],
  },
  {
    code: "PPL608",
    what: "a matrix for a list",
    data: J_Y,
    raw: { y: [[1, 2]] },
    says: ["y is a list of lists, but `y: real[J]` needs a list"],
  },
  {
    code: "PPL608",
    what: "objects",
    data: J_Y,
    raw: { y: [{ a: 1 }] as unknown as DataValue },
    says: ["y is a list of objects, but `y: real[J]` needs a list"],
  },
  {
    code: "PPL608",
    what: "a size that is no count",
    data: J_Y,
    raw: { J: 2.5, y: [1, 2] },
    says: ["J is 2.5, but dim J needs a count"],
    key: "J",
  },
  {
    code: "PPL608",
    what: "numbers beside names",
    data: "dim J, N; g: index(J)[N]; h: index(J)[N]",
    raw: { g: ["a", "b"], h: [0, 1] },
    says: ["h is given by number, but g gives the members of J by name"],
  },
  {
    code: "PPL608",
    what: "a number among names",
    data: "dim J, N; g: index(J)[N]",
    raw: { g: ["a", 1] },
    says: ["g[1] is 1, but other entries of g are names"],
  },
  {
    code: "PPL609",
    what: "a literal bound",
    data: "base 1; dim J; s: real[J] > 0",
    raw: { s: [1, 0] },
    says: ["s[2] is 0, but must be > 0"],
    key: "s",
    element: "element 2",
  },
  {
    code: "PPL609",
    what: "both ends of an interval",
    data: "dim J; p: real[J] in [0, 1]",
    raw: { p: [0, 1, 1.5, -1] },
    says: ["p[2] is 1.5, but must be <= 1", "p[3] is -1, but must be >= 0"],
  },
  {
    code: "PPL609",
    what: "a bound per entry",
    data: "dim N; n: int[N]; k: int[N] <= n",
    raw: { n: [3, 5], k: [3, 6] },
    says: ["k[1] is 6, but must be <= n (here 5)"],
  },
  {
    code: "PPL609",
    what: "a bound aligned by name",
    data: "dim N, K; top: real[N]; x: real[N, K] < top",
    raw: {
      top: [1, 10],
      x: [
        [0, 0, 0],
        [2, 3, 11],
      ],
    },
    says: ["x[1, 2] is 11, but must be < top (here 10)"],
  },
  {
    code: "PPL609",
    what: "a default",
    data: "b: real; a: real > 0 = 0 - b",
    raw: { b: 1 },
    says: ["a is -1, but must be > 0"],
  },
  {
    code: "PPL610",
    what: "one past the end in base 1",
    data: "base 1; dim N, J; u: real[J]; county: index(J)[N]",
    raw: { u: [1, 2], county: [1, 2, 3] },
    says: ["county[3] is 3, but J has 2 members (base 1)"],
    key: "county",
    element: "element 3",
    hint: /^are the indices of this file 0-based with a larger J, or is "J" in the data too small\?$/,
  },
  {
    code: "PPL610",
    what: "zero in base 1",
    data: "base 1; dim N, J = 2; g: index(J)[N]",
    raw: { g: [0, 1] },
    says: ["g[1] is 0, but J has 2 members (base 1)"],
    hint: /no `base 1`/,
  },
  {
    code: "PPL610",
    what: "one past the end in base 0",
    data: "dim N, J = 2; g: index(J)[N]",
    raw: { g: [1, 2] },
    says: ["g[1] is 2, but J has 2 members (base 0)"],
    hint: /`base 1`/,
  },
  {
    code: "PPL611",
    what: "rows of unequal length",
    data: "dim N, K; x: real[N, K]",
    raw: { x: [[1, 2], [3]] },
    says: ["x[1] is a list of 1, but x[0] is a list of 2"],
    key: "x",
    element: "element 1",
    hint: /flat with an index/,
  },
  {
    code: "PPL611",
    what: "a value among rows",
    data: "base 1; dim N, K; x: real[N, K]",
    raw: { x: [[1, 2], 3] },
    says: ["x[2] is 3, but x[1] is a list of 2"],
  },
  {
    code: "PPL611",
    what: "a row among values",
    data: J_Y,
    raw: { y: [1, [2]] },
    says: ["y[1] is a list of 1, but y[0] is a single value"],
  },
];

describe("faults", () => {
  test.each(cases)("$code: $what", ({ code, data, raw, says, key, element, hint }) => {
    const { bound, report } = bindTo(data, raw);
    const errors = report.filter((d) => d.severity === "error");
    expect(bound).toBeNull();
    expect(errors.map((d) => d.message)).toEqual(says);
    expect(new Set(errors.map((d) => d.code))).toEqual(new Set([code]));
    const at = errors[0]!.at;
    if (key !== undefined) expect(at.kind === "data" && at.place.key).toBe(key);
    if (element !== undefined) expect(at.kind === "data" && at.place.element).toBe(element);
    if (hint !== undefined) expect(errors[0]!.hint).toMatch(hint);
  });

  test("a data place names file, key, element and declaration", () => {
    const { report } = bindTo("base 1; dim N, J; u: real[J]; county: index(J)[N]", { u: [1, 2], county: [1, 2, 3] });
    expect(renderText(report)).toContain(' --> d.json: key "county", element 3; declared at m.ppl:1:');
  });

  test("all faults are found in one run", () => {
    const { report } = bindTo("dim J, N; a: real[J]; b: real[J]; c: int[N]; d: real", { a: [1, 2], b: [1], c: [1.5] });
    expect(report.map((d) => d.code)).toEqual(["PPL608", "PPL601", "PPL602"]);
  });

  test("ten faults of a kind are shown, the others counted", () => {
    const { report } = bindTo("dim J; y: real[J]", { y: Array<null>(25).fill(null) });
    expect(report).toHaveLength(11);
    expect(report.at(-1)!.message).toBe('15 more entries of "y" are missing');
  });

  test("what depends on a fault is not reported again", () => {
    const { report } = bindTo("dim N; y: int[N]; dim C = max(y) + 1; w: real[C] = ones(C)", { y: [1.5] });
    expect(report.map((d) => d.code)).toEqual(["PPL608"]);
  });

  test("a key that nothing declares is noted, with the name it may be meant for", () => {
    const { bound, report } = bindTo("dim J; y: real[J]; sigma: real = 1", { y: [1], sigm: 2 });
    expect(bound).not.toBeNull();
    expect(report.map((d) => [d.code, d.severity, d.hint])).toEqual([["PPL613", "note", 'did you mean "sigma"?']]);
  });

  test("keys that JavaScript objects have anyway are not data", () => {
    expect(bindTo("constructor: real", {}).report[0]!.code).toBe("PPL601");
  });
});

// ---------------------------------------------------------------------------------------- values

describe("values", () => {
  test("sizes from keys, arrays and defaults", () => {
    const bound = bindWell("dim N, K = 3, F = K - 1; y: int[N]; dim C = max(y) + 1", { y: [0, 4, 2] });
    expect(bound.sizes).toEqual({ N: 3, K: 3, F: 2, C: 5 });
  });

  test("a default size gives way to the data", () => {
    expect(bindWell("dim K = 3; w: real[K]", { w: [1, 2] }).sizes).toEqual({ K: 2 });
    expect(bindWell("dim K = 3", { K: 7 }).sizes).toEqual({ K: 7 });
  });

  test("arrays are row-major, booleans 0 and 1, members counted from 0", () => {
    const bound = bindWell("base 1; dim N, J; x: real[N, 2]; b: bool[N]; g: index(J)[N]; u: real[J]", {
      x: [
        [1, 2],
        [3, 4],
      ],
      b: [true, 0],
      g: [2, 1],
      u: [5, 6],
    });
    expect(bound.arrays["x"]).toEqual({ shape: [2, 2], values: Float64Array.of(1, 2, 3, 4), missing: null });
    expect(values(bound, "b")).toEqual([1, 0]);
    expect(values(bound, "g")).toEqual([1, 0]);
  });

  test("keys side by side are columns, in rows of the file", () => {
    const bound = bindWell('dim N; x: real[N, 2] from ["age", "log wt"]', { age: [1, 2, 3], "log wt": [10, 20, 30] });
    expect(bound.arrays["x"]!.shape).toEqual([3, 2]);
    expect(values(bound, "x")).toEqual([1, 10, 2, 20, 3, 30]);
  });

  test("faults in a column name its key and its own element", () => {
    const { report } = bindTo('dim N; x: real[N, 2] > 0 from ["a", "b"]', { a: [1, 2], b: [1, -2] });
    expect(report.map((d) => d.message)).toEqual(["b[1] is -2, but must be > 0"]);
  });

  test("names are levels in the order of code points, shared over the dim", () => {
    const bound = bindWell("dim J, N, M; g: index(J)[N]; h: index(J)[M]", {
      g: ["b", "a", "\u{1F600}"],
      h: ["\uFFFD", "b"],
    });
    expect(bound.levels).toEqual({ J: ["a", "b", "\uFFFD", "\u{1F600}"] });
    expect(bound.sizes["J"]).toBe(4);
    expect(values(bound, "g")).toEqual([1, 0, 3]);
    expect(values(bound, "h")).toEqual([2, 1]);
  });

  test("missing entries of an optional array are NaN under a mask", () => {
    const model = modelOf("dim N; d: real[N] >= 0");
    const optional: Model = { ...model, data: model.data.map((decl) => ({ ...decl, optional: true })) };
    const bound = bind(optional, { d: [1, null, NaN] }, { file: "d.json", evaluate: dataEvaluator(0) }).bound!;
    expect(bound.arrays["d"]).toEqual({
      shape: [3],
      values: Float64Array.of(1, NaN, NaN),
      missing: Uint8Array.of(0, 1, 1),
    });
  });

  test("another key, and a default that fills a shape", () => {
    const bound = bindWell('dim J; y: real[J]; s: real > 0 from "prior.sd" = 2.5; w: real[J] = y * 2', { y: [1, 2] });
    expect(values(bound, "s")).toEqual([2.5]);
    expect(values(bound, "w")).toEqual([2, 4]);
    expect(values(bindWell('s: real > 0 from "prior.sd" = 2.5', { "prior.sd": 4 }), "s")).toEqual([4]);
  });

  test("an empty list is a dim without members", () => {
    const bound = bindWell("dim N, K = 2; x: real[N, K]", { x: [] });
    expect(bound.sizes).toEqual({ N: 0, K: 2 });
    expect(bound.arrays["x"]!.shape).toEqual([0, 2]);
  });

  test("infinite reals are values", () => {
    expect(values(bindWell("a: real", { a: Infinity }), "a")).toEqual([Infinity]);
  });
});

describe("without data", () => {
  test("stand-ins have every shape, obey every bound and say that they stand in", () => {
    const model = modelOf(
      "dim N, J, K = 3, F = K - 1; g: index(J)[N]; b: bool[N]; n: int[N] > 0; k: int[N] in [0, 5]; " +
        "p: real[N, F] in [0, 1]; dim C = max(k) + 1; u: real[C] < -2",
    );
    const bound = shapesOnly(model, dataEvaluator(model.base));
    expect(bound.placeholder).toBe(true);
    expect(bound.arrays["p"]!.shape).toEqual([bound.sizes["N"], 2]);
    expect(values(bound, "g").every((v) => Number.isInteger(v) && v >= 0 && v < bound.sizes["J"]!)).toBe(true);
    expect(values(bound, "n").every((v) => Number.isInteger(v) && v > 0)).toBe(true);
    expect(values(bound, "k").every((v) => Number.isInteger(v) && v >= 0 && v <= 5)).toBe(true);
    expect(values(bound, "p").every((v) => v >= 0 && v <= 1)).toBe(true);
    expect(values(bound, "u").every((v) => v < -2)).toBe(true);
    expect(bound.arrays["u"]!.shape).toEqual([bound.sizes["C"]]);
  });
});
