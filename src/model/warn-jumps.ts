// PPL423: a density that jumps where a continuous latent passes some point. The gradient does not see the jump.

import { diagnose } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import { builtRow } from "../function/index.ts";
import { textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { dependencies, partsOf } from "./check-walk.ts";
import type { DensityReads } from "./density-reads.ts";
import type { Expr, Stmt } from "./model.ts";

type Call = Extract<Expr, { kind: "call" }>;

/** Functions whose result is constant between jumps. */
const COMPARISONS: readonly string[] = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];
const STEPS: readonly string[] = [
  ...COMPARISONS,
  "floor",
  "ceil",
  "round",
  "trunc",
  "int",
  "sign",
  "argmin",
  "argmax",
  "rank",
];

/** Warns once for each latent, at the first jump in the file. */
export function warnJumps({ exprs }: DensityReads, statements: readonly Stmt[], env: Env, report: Report): void {
  const continuous = continuousNames(statements);
  const told = new Set<string>();
  const namesOf = (step: Call): readonly string[] =>
    dependencies(env, step.args).latents.filter((name) => continuous.has(name));
  const steps = exprs.flatMap((expr) => stepsIn(expr, namesOf)).sort((a, b) => a.span.start - b.span.start);
  for (const step of steps) {
    const names = namesOf(step);
    if (names.every((name) => told.has(name))) continue;
    names.forEach((name) => told.add(name));
    report.push(diagnose("PPL423", step.span, { value: textOf(step.span), names }, { hint: smoothForm(step) }));
  }
}

/** Sites and params with real values. */
const continuousNames = (statements: readonly Stmt[]): ReadonlySet<string> =>
  new Set(
    statements.flatMap((stmt) => {
      if (stmt.kind !== "sample" && stmt.kind !== "param") return [];
      const { name, type } = stmt.symbol;
      return type.kind === "array" && type.elem.kind === "real" ? [name] : [];
    }),
  );

/** The innermost steps of continuous latents. */
function stepsIn(expr: Expr, namesOf: (step: Call) => readonly string[]): readonly Call[] {
  const inner = partsOf(expr).flatMap((part) => stepsIn(part, namesOf));
  return inner.length === 0 && expr.kind === "call" && STEPS.includes(expr.fn) && namesOf(expr).length > 0
    ? [expr]
    : inner;
}

function smoothForm({ fn, args }: Call): string {
  const [a, b] = args.map(({ span }) => textOf(span)).map((text) => (/[-+]/.test(text) ? `(${text})` : text));
  if (fn === "less" || fn === "lessEqual") return `a smooth step is inv_logit((${b} - ${a}) / width)`;
  if (fn === "greater" || fn === "greaterEqual") return `a smooth step is inv_logit((${a} - ${b}) / width)`;
  return fn === "equal" || fn === "notEqual"
    ? "two continuous values are never equal: compare discrete ones"
    : `leave \`${builtRow(fn).name}\` out, or make the value a discrete site`;
}
