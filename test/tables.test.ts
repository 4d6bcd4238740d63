// Distribution functions, their derivatives in parameters, and the slopes of quantiles that are the gradients of draws, as ops, against mpmath
// (test/support/ref/tables.json): bulk, tails and extremes of every parameter.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Node } from "../src/ir/node.ts";
import {
  add,
  besselGap,
  besselI,
  betaSlope,
  digamma,
  div,
  erf,
  erfc,
  exp,
  gammaSlope,
  lgamma,
  log,
  logBesselI0e,
  logBetaCdf,
  logGammaP,
  logGammaQ,
  logNormalCdf,
  logStudentCdf,
  logVonMisesArc,
  logVonMisesDensity,
  mul,
  neg,
  param,
  scalar,
  sub,
  trigamma,
  vonMisesSlope,
} from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { parseNumber, type RefNumber } from "./support/reference.ts";
import { leafName, valueOf } from "./support/run-graph.ts";

type Row = readonly RefNumber[];
const tables = JSON.parse(readFileSync(new URL("./support/ref/tables.json", import.meta.url), "utf8")) as Record<
  string,
  readonly Row[]
>;

/** A column: the graph of what it holds, and the largest relative error (below `floor`: absolute error over it). */
type Column = { readonly graph: Node; readonly error: number; readonly floor?: number };
type Table = { readonly args: readonly Node[]; readonly columns: Readonly<Record<string, Column>> };

const [a, b, x, k, df] = ["a", "b", "x", "k", "df"].map((name) => param(name, [], [])) as [
  Node,
  Node,
  Node,
  Node,
  Node,
];
const one = scalar(1);
const by = (graph: Node, leaf: Node): Node => grad(graph, [leaf])[0]!;
const logit = (p: Node): Node => sub(log(p), log(sub(one, p)));
const spread = mul(x, sub(one, x));
const P = exp(logGammaP(a, x));
const I = exp(logBetaCdf(a, b, logit(x)));
const arc = exp(logVonMisesArc(k, scalar(-Math.PI), add(x, scalar(Math.PI))));
const T = exp(logStudentCdf(df, x));

const found: Readonly<Record<string, Table>> = {
  gammaFunctions: {
    args: [x],
    columns: {
      lgamma: { graph: lgamma(x), error: 6.2e-15, floor: 1 },
      digamma: { graph: digamma(x), error: 1.3e-15, floor: 1 },
      trigamma: { graph: trigamma(x), error: 6.3e-16 },
    },
  },
  gamma: {
    args: [a, x],
    columns: {
      P: { graph: P, error: 2.3e-14 },
      Q: { graph: exp(logGammaQ(a, x)), error: 2.3e-14 },
      "dP/da": { graph: by(P, a), error: 1e-12 },
      "dx/da": { graph: mul(x, gammaSlope(a, log(x))), error: 5.5e-15 },
      "d log x/da": { graph: gammaSlope(a, log(x)), error: 5.5e-15 },
    },
  },
  beta: {
    args: [a, b, x],
    columns: {
      I: { graph: I, error: 1e-13 },
      "dI/da": { graph: by(I, a), error: 3e-13 },
      "dI/db": { graph: by(I, b), error: 3e-13 },
      "dx/da": { graph: mul(spread, betaSlope(a, b, logit(x))), error: 3e-14 },
      "dx/db": { graph: neg(mul(spread, betaSlope(b, a, neg(logit(x))))), error: 1e-12 },
    },
  },
  bessel: {
    args: [k],
    columns: {
      "log I0": { graph: add(k, logBesselI0e(k)), error: 1e-15, floor: 1 },
      "log I1": { graph: log(besselI(one, k)), error: 1e-15, floor: 1 },
      ratio: { graph: sub(one, besselGap(k)), error: 4e-16, floor: 1 },
      slope: { graph: neg(by(besselGap(k), k)), error: 1e-10 },
    },
  },
  vonMises: {
    args: [x, k],
    columns: {
      F: { graph: arc, error: 1e-14 },
      "dF/dk": { graph: by(arc, k), error: 1e-13 },
      density: { graph: exp(logVonMisesDensity(k, x)), error: 2e-14 },
      slope: { graph: vonMisesSlope(x, k), error: 5.5e-14 },
    },
  },
  normal: {
    args: [x],
    columns: {
      erf: { graph: erf(x), error: 1e-15 },
      erfc: { graph: erfc(x), error: 1e-15 },
      below: { graph: logNormalCdf(x), error: 2e-15 },
      above: { graph: logNormalCdf(neg(x)), error: 2e-15 },
    },
  },
  student: {
    args: [x, df],
    columns: {
      F: { graph: T, error: 1e-14 },
      "dF/ddf": { graph: by(T, df), error: 3e-12 },
      slope: { graph: neg(div(by(T, df), by(T, x))), error: 3e-12 },
    },
  },
};

function errorAt(table: Table, { graph, floor = 0 }: Column, position: number, row: Row): number {
  const values = Object.fromEntries(
    table.args.map((leaf, i) => [leafName(leaf), Float64Array.of(parseNumber(row[i]!))]),
  );
  const wanted = parseNumber(row[table.args.length + position]!);
  const value = valueOf(graph, values, {}).values[0]!;
  return value === wanted ? 0 : Math.abs(value - wanted) / Math.max(Math.abs(wanted), floor);
}

it("every table is compared", () => expect(Object.keys(found).sort()).toEqual(Object.keys(tables).sort()));

describe.each(Object.entries(found))("%s", (name, table) => {
  it.each(Object.entries(table.columns).map(([column, c], i) => [column, c, i] as const))("%s", (_, column, i) => {
    for (const row of tables[name]!) {
      const error = errorAt(table, column, i, row);
      if (process.env["VARIATE_MEASURE"] !== undefined && error > column.error / 4)
        console.log(name, _, error, "at", row.slice(0, table.args.length));
      expect(error, `at ${row.slice(0, table.args.length).join(", ")}`).toBeLessThanOrEqual(column.error);
    }
  });
});
