// Data that no parameters could have given: observed values outside the support of their distribution, and arguments
// known from data that it does not take (PPL609). Missing entries, and members for which a condition does not hold, are
// passed over.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { Prepared } from "../build/prepared.ts";
import { valuesOf } from "../build/scope.ts";
import type { ArgumentCheck, ObservedDraws, SupportCheck } from "../build/support-check.ts";
import type { ParamSupport } from "../dist/dist.ts";
import { contains, type Bounds } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { addFault, reportFaults, type DataFile, type Faults } from "../model/bind-faults.ts";
import { keysOf } from "../model/bind-keys.ts";
import { textOf } from "../model/check-scope.ts";
import type { Expr } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { add, fill } from "../op/index.ts";
import { sizesOf } from "./graphs.ts";

/** What messages call the data, and the keys that it has. */
export type DataSource = Omit<DataFile, "base"> & { readonly keys: ReadonlySet<string> };

// ---------------------------------------------------------------------------------------- observed values

export function checkSupport({ stmt, draws }: SupportCheck, { bound }: Prepared, source: DataSource): Report {
  const { symbol, read } = observedRead(stmt.value);
  const found = draws();
  if (found === null) return [];
  const { base } = bound.model;
  const { at, shape } = found.positions;
  const wrong = impossible(found, bound.arrays[symbol.name]?.missing ?? null, isReal(read));
  const fault = (draw: number) => ({
    found: shown(valuesIn(found, draw), found, base),
    dist: textOf(stmt.dist.span),
    support: wordsOf(found, draw, base),
  });
  const decl = bound.model.data.find((one) => one.symbol === symbol);
  if (decl === undefined)
    return wrong
      .slice(0, 1)
      .map((draw) => diagnose("PPL609", stmt.value.span, { entry: textOf(stmt.value.span), ...fault(draw) }));
  const faults: Faults = new Map();
  for (const draw of wrong)
    addFault(faults, "PPL609", at[draw * found.size]!, () => ({
      code: "PPL609",
      ...fault(draw),
      rank: found.rank,
      span: stmt.dist.span,
    }));
  const report: Report = [];
  const keys = keysOf(decl);
  reportFaults(
    report,
    { decl, keys, shape, file: { ...source, base }, given: keys.every((key) => source.keys.has(key)) },
    faults,
  );
  return report;
}

const isReal = ({ type }: Expr): boolean => type.kind === "array" && type.elem.kind === "real";

const valuesIn = ({ values, size }: ObservedDraws, draw: number): readonly number[] => [
  ...values.subarray(draw * size, (draw + 1) * size),
];

/** The draws that are not in the support. A real that a Bernoulli observes lies between 0 and 1; an angle may be any
 *  number. */
function impossible(found: ObservedDraws, missing: Uint8Array | null, real: boolean): readonly number[] {
  const {
    kind,
    values,
    size,
    positions: { at },
  } = found;
  if (kind === "circle" || size === 0) return [];
  const tested = kind === "boolean" && real ? "interval" : kind;
  const isThere = (draw: number): boolean =>
    Array.from({ length: size }, (_, i) => at[draw * size + i] ?? -1).every(
      (entry) => entry >= 0 && missing?.[entry] !== 1,
    );
  return [...Array(values.length / size).keys()].filter(
    (draw) => isThere(draw) && !contains(tested, valuesIn(found, draw), found.bounds(draw)),
  );
}

/** Values as the file writes them. */
function shown(values: readonly number[], { kind, rank }: Pick<ObservedDraws, "kind" | "rank">, base: number): string {
  const numbers = values.slice(0, 4).map((value) => String(kind === "category" ? value + base : value));
  return rank === 0 ? numbers.join() : `[${[...numbers, ...(values.length > 4 ? ["…"] : [])].join(", ")}]`;
}

function wordsOf({ kind, bounds, size }: ObservedDraws, draw: number, base: number): string {
  const { lower, upper, count = 0 }: Bounds = bounds(draw);
  switch (kind) {
    case "real":
      return "finite numbers";
    case "positive":
      return "numbers above 0";
    case "nonnegative":
      return "numbers from 0 on";
    case "interval":
    case "lower":
    case "upper":
      return `numbers ${rangeWords(lower, upper)}`;
    case "count":
      return `whole numbers ${rangeWords(lower ?? 0, upper)}`;
    case "point":
      return `${lower} alone`;
    case "boolean":
      return "0 and 1";
    case "category":
      return `${base} to ${count - 1 + base}`;
    case "counts":
      return `counts that add up to ${upper}`;
    case "one-hot":
      return "a single 1 among zeros";
    case "simplex":
      return "numbers from 0 on that sum to 1";
    case "ordered":
      return "increasing numbers";
    case "cholesky-correlation":
      return `Cholesky factors of correlation matrices of ${Math.sqrt(size)} rows`;
    case "covariance":
      return "symmetric positive definite matrices";
    case "circle":
      return ice("any number is an angle");
  }
}

const rangeWords = (lower?: number, upper?: number): string =>
  lower === undefined ? `up to ${upper}` : upper === undefined ? `from ${lower} on` : `from ${lower} to ${upper}`;

// ---------------------------------------------------------------------------------------- arguments

/** What an argument must be, and whether an entry is, or all entries of its last `rank` dims together. */
type Rule = {
  readonly wants: string;
  readonly holds: (values: readonly number[]) => boolean;
  readonly rank?: 1 | 2;
  readonly hint?: string;
};

const isLowerFactor = (values: readonly number[]): boolean => {
  const n = Math.sqrt(values.length);
  return values.every((v, at) =>
    at % n > Math.floor(at / n) ? v === 0 : at % (n + 1) === 0 ? v > 0 && v < Infinity : Number.isFinite(v),
  );
};

const ARGUMENTS: Partial<Record<ParamSupport, Rule>> = {
  positive: { wants: "> 0", holds: ([v]) => v! > 0 },
  nonnegative: { wants: ">= 0", holds: ([v]) => v! >= 0 },
  "unit-interval": { wants: "in [0, 1]", holds: ([v]) => v! >= 0 && v! <= 1 },
  count: { wants: "a whole number >= 0", holds: ([v]) => Number.isInteger(v) && v! >= 0 },
  int: { wants: "a whole number", holds: ([v]) => Number.isInteger(v) },
  "positive-vector": { wants: "> 0 in every entry", holds: ([v]) => v! > 0 },
  "probability-vector": {
    wants: "numbers >= 0 that sum to one",
    holds: (values) => contains("simplex", values),
    rank: 1,
    hint: "divide by the sum, or give `logit =`, which is free",
  },
  increasing: {
    wants: "increasing numbers",
    holds: (values) => values.every((v, i) => !(v < (values[i - 1] ?? -Infinity)) && !Number.isNaN(v)),
    rank: 1,
  },
  covariance: {
    wants: "a symmetric positive definite matrix",
    holds: (values) => contains("covariance", values),
    rank: 2,
    hint: "a small number on the diagonal often helps: K + 1e-6 * eye(N)",
  },
  cholesky: {
    wants: "a lower triangular matrix with a positive diagonal",
    holds: isLowerFactor,
    rank: 2,
    hint: "`cholesky(A)` gives the factor of a covariance matrix A",
  },
};

export function checkArgument({ param, node, guard, dist }: ArgumentCheck, prepared: Prepared): Report {
  const rule = ARGUMENTS[param.support];
  if (rule === undefined) return [];
  const [values, holds] = [
    numbers(add(node, zeroAlong(guard)), prepared),
    guard === null ? null : numbers(add(guard, zeroAlong(node)), prepared),
  ];
  const event = sizeOf(node.shape);
  if (event === 0) return [];
  const size = sizeOf(node.shape.slice(node.shape.length - (rule.rank ?? 0)));
  const at = (i: number): readonly number[] => [...values.subarray(i * size, (i + 1) * size)];
  const wrong = [...Array(size === 0 ? 0 : values.length / size).keys()].find(
    (i) => (holds === null || holds[Math.floor((i * size) / event)] !== 0) && !rule.holds(at(i)),
  );
  if (wrong === undefined) return [];
  const span = dist.args[param.name]?.span ?? dist.span;
  const found = shown(at(wrong), { kind: "real", rank: rule.rank ?? 0 }, 0);
  const argument = { param: param.name.replace(/^.*\./, ""), dist: dist.name };
  if (param.support === "covariance") return [diagnose("PPL705", span, { ...argument, found }, { hint: rule.hint })];
  const sum = param.support === "probability-vector" ? at(wrong).reduce((a, b) => a + b, 0) : null;
  return [
    diagnose(
      "PPL609",
      span,
      {
        ...argument,
        wants: rule.wants,
        found: found + (sum === null ? "" : `, with sum ${Number(sum.toPrecision(6))}`),
      },
      { hint: rule.hint },
    ),
  ];
}

const zeroAlong = (node: Node | null): Node => fill(0, node?.axes ?? [], []);

const numbers = (node: Node, prepared: Prepared): Float64Array =>
  valuesOf(node, prepared.bound, sizesOf(prepared, new Set(node.axes), 1));
