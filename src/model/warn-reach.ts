// PPL430: a site whose prior reaches over values that a distribution does not take as a parameter, and PPL429: a ratio
// of ints.

import { diagnose } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import { isWithin, rangeOfParam, showRange } from "./check-interval.ts";
import { rangeOfReach, reachOf } from "./check-range.ts";
import { textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { partsOf } from "./check-walk.ts";
import { rowOf } from "./dist-row.ts";
import { readSymbol } from "./imputed.ts";
import type { DistExpr, Expr, SampleStmt, Stmt } from "./model.ts";

/** Warns of every site that stands as such where fewer values are allowed than its prior gives, once for each site. */
export function warnReach(statements: readonly Stmt[], env: Env, report: Report): void {
  const sites = new Map(statements.flatMap((stmt) => (stmt.kind === "sample" ? [[stmt.symbol, stmt] as const] : [])));
  const told = new Set<SampleStmt>();
  for (const { dist, name, value } of statements.flatMap(distsOf).flatMap(argumentsIn)) {
    const symbol = readSymbol(value);
    const site = symbol === null ? undefined : sites.get(symbol);
    if (site === undefined || told.has(site)) continue;
    if (rowOf(site.dist).dist.rank > 0) continue;
    const reach = reachOf(site.dist, env);
    const { dist: row, form } = rowOf(dist);
    const param = row.forms[form]!.params.find((one) => one.name === name);
    if (param === undefined || reach.lower === null || reach.upper === null) continue;
    const [range, allowed] = [rangeOfReach(reach), rangeOfParam(param.support)];
    if (isWithin(range, allowed)) continue;
    told.add(site);
    const args = {
      site: site.symbol.name,
      dist: row.name,
      param: name,
      prior: textOf(site.dist.span),
      range: showRange(range),
      allowed: showRange(allowed),
    };
    report.push(
      diagnose("PPL430", value.span, args, {
        labels: [{ span: site.dist.span, text: "its prior" }],
        hint: instead(site.dist, reach.lower, allowed.upper),
      }),
    );
  }
}

type Argument = { readonly dist: DistExpr; readonly name: string; readonly value: Expr };

const argumentsIn = (dist: DistExpr): readonly Argument[] =>
  Object.entries(dist.args).map(([name, value]) => ({ dist, name, value }));

/** The distributions of a statement, those inside combinators by themselves. */
function distsOf(stmt: Stmt): readonly DistExpr[] {
  const inside = (dist: DistExpr): readonly DistExpr[] =>
    dist.parts.length === 0 ? [dist] : dist.parts.flatMap(inside);
  return stmt.kind === "sample" || stmt.kind === "observe" ? inside(stmt.dist) : [];
}

const HALVES: Readonly<Record<string, string>> = {
  Normal: "HalfNormal",
  Cauchy: "HalfCauchy",
  StudentT: "HalfStudentT",
};

/** A prior of the same kind that stays inside. */
function instead({ name, args, span }: DistExpr, lower: number, upper: number): string {
  if (name === "Flat") return Number.isFinite(upper) ? `Flat(lower = 0, upper = ${upper})` : "Flat(lower = 0)";
  const inside = "a Beta or a Uniform(0, 1) stays inside";
  if (Number.isFinite(upper))
    return lower === -Infinity ? `${inside}; a probability on the whole line is inv_logit(…)` : inside;
  const half = HALVES[name];
  const centre = args.mean ?? args.loc;
  const scale = args.sd ?? args.scale;
  if (half !== undefined && centre?.kind === "number" && centre.value === 0 && scale !== undefined)
    return `its positive half is ${half}(${args.df === undefined ? "" : `${textOf(args.df.span)}, `}${textOf(scale.span)})`;
  return `Truncated(${textOf(span)}, lower = 0) stays inside`;
}

// ---------------------------------------------------------------------------------------- ratios of ints

/** `/` gives a real here, and an int in the languages that many come from. */
export function warnDivisions(exprs: readonly Expr[], report: Report): void {
  const told = new Set<number>();
  const visit = (expr: Expr): void => {
    partsOf(expr).forEach(visit);
    if (!isIntRatio(expr) || told.has(expr.span.start)) return;
    told.add(expr.span.start);
    const [a, b] = expr.args.map(({ span }) => textOf(span)) as [string, string];
    report.push(
      diagnose(
        "PPL429",
        expr.span,
        { ratio: textOf(expr.span) },
        {
          hint: `quotient(${a}, ${b}) drops the fraction; real(${a}) / ${b} says that the fraction is meant`,
        },
      ),
    );
  };
  exprs.forEach(visit);
}

/** A ratio of two ints of the data, unless both are literals or the upper one is 1. */
function isIntRatio(expr: Expr): expr is Extract<Expr, { kind: "call" }> {
  if (expr.kind !== "call" || expr.fn !== "div" || expr.stage === "latent") return false;
  const [a, b] = expr.args as [Expr, Expr];
  const ints = [a, b].every(({ type }) => type.kind === "array" && type.elem.kind === "int");
  return ints && !(a.kind === "number" && (b.kind === "number" || a.value === 1));
}
