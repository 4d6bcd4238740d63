// Every parameter of every form of every distribution: a value that it takes passes, one that it does not take is a diagnostic, written in the
// model or given as data.

import { describe, expect, it } from "vitest";
import { dists } from "../src/dist/index.ts";
import type { Dist, Form, Param, ParamSupport } from "../src/dist/dist.ts";
import { codesOf } from "./support/combined.ts";

type Given = number | string | readonly Given[];

/** A value that each kind of parameter takes, and values that it does not. */
const values: Readonly<Record<ParamSupport, { readonly good: Given; readonly bad: readonly Given[] }>> = {
  real: { good: 0.5, bad: ["a"] },
  positive: { good: 1.5, bad: [0, -1] },
  nonnegative: { good: 1.5, bad: [-1] },
  "unit-interval": { good: 0.5, bad: [1.5, -0.5] },
  simplex: { good: [0.25, 0.75], bad: [[0.5, 0.6]] },
  count: { good: 3, bad: [-1, 2.5] },
  int: { good: 1, bad: [2.5] },
  "positive-vector": {
    good: [1, 2],
    bad: [
      [1, 0],
      [1, -1],
    ],
  },
  "probability-vector": {
    good: [0.25, 0.75],
    bad: [
      [0.5, 0.6],
      [-0.5, 1.5],
    ],
  },
  increasing: { good: [0, 1], bad: [[1, 0]] },
  cholesky: {
    good: [
      [1, 0],
      [0.5, 1],
    ],
    bad: [
      [
        [1, 0],
        [0.5, -1],
      ],
      [
        [1, 0.5],
        [0.5, 1],
      ],
    ],
  },
  covariance: {
    good: [
      [2, 0.5],
      [0.5, 1],
    ],
    bad: [
      [
        [1, 2],
        [2, 1],
      ],
      [
        [1, 0.5],
        [0.2, 1],
      ],
    ],
  },
  any: { good: [0, 1], bad: ["a"] },
};

const goodFor = (p: Param): Given =>
  p.size === true ? 2 : p.support === "real" && p.rank === 1 ? [0.5, 1] : values[p.support].good;
const badFor = (p: Param): readonly Given[] => (p.size === true ? [0.5, -1] : values[p.support].bad);

/** Two parameters of a distribution are ends of an interval. */
const END: Readonly<Record<string, Given>> = { "Uniform.upper": 2, "DiscreteUniform.upper": 5, "Flat.upper": 2 };

function errorsOf(
  dist: Dist,
  form: Form,
  changed: Readonly<Record<string, Given>>,
  asData: boolean,
): readonly string[] {
  const given = form.params.map((p) => [p, changed[p.name] ?? END[`${dist.name}.${p.name}`] ?? goodFor(p)] as const);
  const inData = given.filter(([p, v]) => asData && p.name in changed && typeof v !== "string");
  const type = (p: Param, v: Given): string =>
    p.size === true || p.support === "count" || p.support === "int" ? "int" : `real${sizesOf(v)}`;
  const declared = inData.map(([p, v]) => `d_${p.name}: ${type(p, v)}`).join("; ");
  const args = given
    .map((pair) => `${pair[0].name} = ${inData.includes(pair) ? `d_${pair[0].name}` : JSON.stringify(pair[1])}`)
    .join(", ");
  const text = `data { ${declared} } model { sample m ~ Normal(0, 1)  factor m  sample x ~ ${dist.name}(${args}) }`;
  const data = Object.fromEntries(inData.map(([p, v]) => [`d_${p.name}`, v])) as Parameters<typeof codesOf>[1];
  return codesOf(text, data).filter((code) => code !== "PPL420");
}

const sizesOf = (v: Given): string => {
  const sizes: number[] = [];
  for (let at = v; Array.isArray(at); at = at[0] as Given) sizes.push(at.length);
  return sizes.length === 0 ? "" : `[${sizes.join(", ")}]`;
};

const forms = dists.flatMap((dist) =>
  dist.forms.map((form) => [`${dist.name}(${form.params.map((p) => p.name).join(", ")})`, dist, form] as const),
);

describe.each(forms)("%s", (_, dist, form) => {
  it("takes what it should", () => expect(errorsOf(dist, form, {}, false)).toEqual([]));

  const bad = form.params.flatMap((p) =>
    badFor(p).flatMap((value) =>
      [false, true].map(
        (asData) => [p.name, JSON.stringify(value), asData ? "data" : "literal", value, asData] as const,
      ),
    ),
  );
  it.each(bad)("refuses %s = %s (%s)", (name, _value, _where, value, asData) =>
    expect(errorsOf(dist, form, { [name]: value }, asData).length).toBeGreaterThan(0),
  );
});
