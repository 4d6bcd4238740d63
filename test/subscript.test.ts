// Several subscripts of one read: values against plain loops, and the dim that a message names.

import { expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { compile } from "../src/compile.ts";
import { topological } from "../src/ir/walk.ts";
import { sizeOf } from "../src/ir/shape.ts";
import { simulate } from "../src/simulate.ts";

const [N, A, B, C] = [5, 3, 4, 2];
const a = [1, 3, 2, 3, 1];
const b = [4, 1, 2, 2, 3];
const x = Array.from({ length: A }, (_, i) =>
  Array.from({ length: B }, (_, j) => Array.from({ length: C }, (_, k) => 100 * i + 10 * j + k)),
);
const at = (i: number, j: number, k: number): number => x[i - 1]![j - 1]![k - 1]!;
const each = <T>(f: (i: number) => T): T[] => a.map((_, i) => f(i));

const HEAD = "data { base 1; dim N, A, B, C; a: index(A)[N]; b: int[N]; x: real[A, B, C] }";

/** The entries of a report that draws nothing. */
function valuesOf(expr: string): readonly number[] {
  const text = `${HEAD}\nmodel { sample u ~ Normal(0, 1) report r = ${expr} }`;
  const draws = simulate({ path: "m.ppl", text }, { N, A, B, C, a, b, x }, { draws: 2 }).reports["r"]!;
  return [...draws.values.subarray(0, sizeOf(draws.shape))];
}

test.each<[expr: string, expected: readonly number[]]>([
  ["[i in N: x[a[i], b[i], 2]]", each((i) => at(a[i]!, b[i]!, 2))],
  ["[i in N: x[a[i], b[i]]]", each((i) => [at(a[i]!, b[i]!, 1), at(a[i]!, b[i]!, 2)]).flat()],
  ["[i in N, k in C: x[a[i], b[i], k]]", each((i) => [at(a[i]!, b[i]!, 1), at(a[i]!, b[i]!, 2)]).flat()],
  ["[i in N: x[a[i], .., 1][b[i]]]", each((i) => at(a[i]!, b[i]!, 1))],
  ["[i in N: x[a[i], 2..3, b[i] - b[i] + 1]]", each((i) => [at(a[i]!, 2, 1), at(a[i]!, 3, 1)]).flat()],
  ["[i in N: x[a[i], min(i, 4), 1]]", each((i) => at(a[i]!, Math.min(i + 1, 4), 1))],
  ["[k in C: x[2, b, k]]", [1, 2].flatMap((k) => each((i) => at(2, b[i]!, k)))],
  ["x[a, 2, 1]", each((i) => at(a[i]!, 2, 1))],
])("%s", (expr, expected) => {
  expect(valuesOf(expr)).toEqual(expected);
});

test("single numbers side by side hold no rows", () => {
  const text = `${HEAD}\nmodel { plate i in A, j in B { sample u[i, j] ~ Normal(0, 1) } plate n in N { observe x[1, 1, 1] ~ Normal(u[a[n], b[n]], 1) } }`;
  const { prepared } = compile({ path: "m.ppl", text }, { N, A, B, C, a, b, x });
  const onMembers = topological(prepared.base.terms.map((term) => term.node)).filter((node) => node.axes.includes("N"));
  expect(onMembers.length).toBeGreaterThan(0);
  expect(onMembers.filter((node) => node.shape.length > 0)).toEqual([]);
});

test("a number out of range names its own dim", () => {
  const text = `${HEAD}\nmodel { sample u ~ Normal(0, 1) plate i in N { observe x[a[i], b[i], 1] ~ Normal(u, 1) } }`;
  const found = ((): unknown => {
    try {
      return compile({ path: "m.ppl", text }, { N, A, B, C, a, b: [4, 1, 5, 2, 3], x });
    } catch (error) {
      return error;
    }
  })();
  expect(found).toBeInstanceOf(VariateError);
  expect((found as VariateError).diagnostics.map(({ code, message }) => `${code} ${message}`).join()).toMatch(
    /^PPL605 .*\bB\b/,
  );
});
