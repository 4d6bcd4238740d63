// Data from a model alone: every site from its prior, then everything that is observed. For checks of a model before
// its data are seen.

import { diagnose, type Diagnostic, type Report } from "./base/diagnostic.ts";
import type { Source } from "./base/span.ts";
import { boundTo, checkedModel, engineFor, type CompileOptions } from "./compile.ts";
import { eachStmt, eachSymbol, exprsOf } from "./model/check-walk.ts";
import { labelsOf } from "./model/labels.ts";
import type { DataDecl, Model, Symbol } from "./model/model.ts";
import { observedRead, observedSymbols } from "./model/observed.ts";
import { array, int } from "./model/types.ts";
import type { Draws, Labels, RawData } from "./result.ts";
import { simulation } from "./run/predictive.ts";

export type Simulated = {
  readonly model: string;
  readonly seed: number;
  readonly draws: number;
  readonly sites: Readonly<Record<string, Draws>>;
  readonly reports: Readonly<Record<string, Draws>>;
  /** New data by the name of what is observed; NaN where no `observe` reads an entry. */
  readonly data: Readonly<Record<string, Draws>>;
  readonly labels: Readonly<Record<string, Labels>>;
  readonly report: readonly Diagnostic[];
};

/** One draw of everything, unless `draws` says otherwise. Arrays that are only observed need not be in `data`, but
 *  their sizes must. Throws  `VariateError`: also for sites that are improper. */
export function simulate(source: Source, data: RawData, options: CompileOptions = {}): Simulated {
  const { model, report } = checkedModel(source);
  const notes: Report = [];
  const bound = boundTo(withStandIns(model, data), data, options, notes);
  report.push(...notes.filter(({ code }) => code !== "PPL614")); // no `predict` block runs here
  warnFactors(model, report);
  const [seed, draws] = [options.seed ?? 0, options.draws ?? 1];
  const { sites, reports, replicates } = simulation(bound, engineFor(options, report).engine, seed, draws, report);
  const observed = Object.entries(replicates).map(([name, values]) => [name.replace(/_rep$/, ""), values] as const);
  return {
    model: source.path,
    seed,
    draws,
    sites,
    reports,
    data: Object.fromEntries(observed),
    labels: labelsOf(bound),
    report,
  };
}

/** Arrays that are observed, never read otherwise and not given: their values do not matter, and something of their
 *  shape stands for them. */
function withStandIns(model: Model, data: RawData): Model {
  const observed = observedSymbols(model);
  const read = readOtherwise(model);
  const absent = ({ symbol, from }: DataDecl): boolean =>
    observed.has(symbol) && !read.has(symbol) && (from ?? [symbol.name]).every((key) => !Object.hasOwn(data, key));
  return {
    ...model,
    data: model.data.map((decl) => (absent(decl) && decl.value === null ? standIn(decl, model.base) : decl)),
  };
}

const standIn = (decl: DataDecl, base: number): DataDecl => ({
  ...decl,
  bounds: [],
  value: { kind: "number", value: base, type: array(int, []), stage: "data", span: decl.span },
});

function readOtherwise({ body, data, dims }: Model): ReadonlySet<Symbol> {
  const found = new Set<Symbol>();
  const note = (symbol: Symbol): void => void found.add(symbol);
  eachStmt(body, (stmt) => {
    for (const expr of exprsOf(stmt)) {
      if (stmt.kind !== "observe" || expr !== stmt.value) eachSymbol(expr, note);
    }
    if (stmt.kind === "observe") {
      const { read } = observedRead(stmt.value);
      if (read.kind === "subscript") for (const sub of read.subs) if (sub.kind === "index") eachSymbol(sub.value, note);
    }
  });
  for (const { value } of [...data, ...dims]) if (value !== null) eachSymbol(value, note);
  return found;
}

function warnFactors({ body }: Model, report: Report): void {
  eachStmt(body, (stmt) => {
    if (stmt.kind === "factor") report.push(diagnose("PPL711", stmt.span, {}));
  });
}
