// Model → text: what the checker made of a program. Calls stand under the names of the function table, axes behind
// plates.

import { combinatorOf } from "../dist/index.ts";
import { showFamily } from "./families.ts";
import type {
  Binder,
  Bound,
  DataDecl,
  DimDecl,
  DistExpr,
  Expr,
  Families,
  Model,
  Options,
  PlateAxis,
  Stmt,
  Subscript,
  Symbol,
  Wish,
} from "./model.ts";
import { showType } from "./types.ts";

/** One line per declaration and statement, nested as in the program. */
export function printModel(model: Model): string {
  return [
    `base ${model.base}`,
    ...section("data", [...model.dims.map(showDim), ...model.data.map(showDecl)]),
    ...section("model", showBody(model.body)),
    ...section("guide", [...showFamilies(model.families), ...showBody(model.guide)]),
    ...model.predict.flatMap(({ dims, data, body }) =>
      section("predict", [...dims.map(showDim), ...data.map(showDecl), ...showBody(body)]),
    ),
  ].join("\n");
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...indent(lines)];
const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

// ---------------------------------------------------------------------------------------- data

const showDim = ({ name, from, value }: DimDecl): string =>
  `dim ${name}${from === null ? "" : ` from ${JSON.stringify(from)}`}${value === null ? "" : ` = ${showExpr(value)}`}`;

function showDecl({ symbol, type, optional, bounds, from, value }: DataDecl): string {
  const source = from === null ? "" : ` from ${from.map((key) => JSON.stringify(key)).join(", ")}`;
  const fallback = value === null ? "" : ` = ${showExpr(value)}`;
  return `${symbol.name}: ${showType(type)}${optional ? "?" : ""}${showBounds(bounds)}${source}${fallback}`;
}

const showBounds = (bounds: readonly Bound[]): string =>
  bounds.map(({ kind, value }) => ` ${kind} ${showExpr(value)}`).join("");

// ---------------------------------------------------------------------------------------- statements

const showBody = (body: readonly Stmt[]): readonly string[] => body.flatMap(showStmt);

function showStmt(stmt: Stmt): readonly string[] {
  switch (stmt.kind) {
    case "sample": {
      const name = stmt.outputName === stmt.symbol.name ? "" : `  as ${JSON.stringify(stmt.outputName)}`;
      return [`sample ${showSymbol(stmt.symbol)} ~ ${showDist(stmt.dist)}${showWish(stmt.estimator)}${name}`];
    }
    case "observe":
      return [`observe ${showExpr(stmt.value)} ~ ${showDist(stmt.dist)}: ${showType(stmt.dist.type)}`];
    case "let":
      return [`let ${showSymbol(stmt.symbol)} = ${showExpr(stmt.value)}  (${stmt.symbol.stage})`];
    case "factor":
      return [`factor ${showExpr(stmt.value)}`];
    case "report":
      return [`report ${stmt.outputName} = ${showExpr(stmt.value)}`];
    case "param":
      return [`param ${showSymbol(stmt.symbol)}${showBounds(stmt.bounds)} = ${showExpr(stmt.value)}`];
    case "plate":
      return [`plate ${stmt.binders.map(showBinder).join(", ")}`, ...indent(showBody(stmt.body))];
    case "scan":
      return [showScan(stmt), ...indent(showBody(stmt.body))];
    case "if":
      return [
        `if ${showExpr(stmt.condition)}`,
        ...indent(showBody(stmt.then)),
        ...(stmt.otherwise.length === 0 ? [] : ["else", ...indent(showBody(stmt.otherwise))]),
      ];
  }
}

/** A statement of a `fun`, on one line. */
function showInline(stmt: Stmt): string {
  const block = (body: readonly Stmt[]): string => `{ ${body.map(showInline).join("; ")} }`;
  if (stmt.kind === "plate" || stmt.kind === "scan")
    return `${showStmt({ ...stmt, body: [] }).join("")} ${block(stmt.body)}`;
  if (stmt.kind !== "if") return showStmt(stmt).join(" ");
  return `if ${showExpr(stmt.condition)} ${block(stmt.then)}${stmt.otherwise.length === 0 ? "" : ` else ${block(stmt.otherwise)}`}`;
}

/** `scan t in T reverse carry v = a0 (lags 1, 2)`. */
function showScan({ binders, direction, carried }: Extract<Stmt, { kind: "scan" }>): string {
  const names = carried.map(({ symbol, start, earlier }) => {
    const lags = earlier.length === 0 ? "" : ` (lag ${earlier.map(({ lag }) => lag).join(", ")})`;
    return `${showSymbol(symbol)}${start === null ? "" : ` = ${showExpr(start)}`}${lags}`;
  });
  return `scan ${showBinder(binders[0])}${direction === "backward" ? " reverse" : ""}${names.length === 0 ? "" : ` carry ${names.join(", ")}`}`;
}

/** `theta[J]: real`: the axes that the value carries, and the type of one member. */
const showSymbol = ({ name, axes, type }: Symbol): string => `${name}${showAxes(axes)}: ${showType(type)}`;
const showAxes = (axes: readonly PlateAxis[]): string =>
  axes.length === 0 ? "" : `[${axes.map(({ axis }) => axis).join(", ")}]`;
const showBinder = ({ symbol, plate }: Binder): string => `${symbol.name} in ${plate.axis}`;
const showWish = (wish: Wish | null): string =>
  wish === null ? "" : `  @estimator(${[wish.name, ...showOptions(wish.options)].join(", ")})`;
const showOptions = (options: Options): readonly string[] => options.map(({ name, value }) => `${name} = ${value}`);

const showFamilies = (families: Families): readonly string[] => [
  ...(families.default === null ? [] : [`default ${showFamily(families.default)}`]),
  ...families.blocks.map(({ sites, family }) => `block ${sites.join(", ")}: ${showFamily(family)}`),
];

// ---------------------------------------------------------------------------------------- expressions

/** `Normal(mean = mu, sd = 1)`. */
export function showDist({ name, args, parts, each }: DistExpr): string {
  const inside = parts.map(showDist);
  const listed = combinatorOf(name)?.distributions.several === true;
  const list = listed ? [`[${each === null ? "" : `${showBinder(each)}: `}${inside.join(", ")}]`] : inside;
  return `${name}(${[...list, ...Object.entries(args).map(([param, arg]) => `${param} = ${showExpr(arg)}`)].join(", ")})`;
}

/** An expression in prefix form. `mean(x, over 0)` reduces the dim at position 0. */
export function showExpr(expr: Expr): string {
  switch (expr.kind) {
    case "number":
      return expr.type.kind === "array" && expr.type.elem.kind === "bool"
        ? String(expr.value === 1)
        : String(expr.value);
    case "name":
      return expr.symbol.name;
    case "subscript":
      return `${showExpr(expr.base)}[${expr.subs.map(showSub).join(", ")}]`;
    case "call":
      return showCall(expr);
    case "if":
      return `if ${showExpr(expr.condition)} then ${showExpr(expr.then)} else ${showExpr(expr.otherwise)}`;
    case "array":
      return `[${expr.items.map(showExpr).join(", ")}]`;
    case "comprehension":
      return `[${expr.binders.map(showBinder).join(", ")}: ${showExpr(expr.body)}]`;
    case "record":
      return `{ ${Object.entries(expr.fields)
        .map(([name, value]) => `${name}: ${showExpr(value)}`)
        .join(", ")} }`;
    case "field":
      return `${showExpr(expr.base)}.${expr.field}`;
    case "based":
      return `(base ${expr.base}: ${showExpr(expr.value)})`;
    case "body":
      return `{ ${[...expr.statements.map(showInline), showExpr(expr.value)].join("; ")} }`;
    case "where":
      return `(${showExpr(expr.value)} where ${expr.bindings.map(showBinding).join(", ")})`;
    case "ode": {
      const inputs = [expr.y0, expr.t0, expr.ts].map(showExpr);
      return `ode(${[...inputs, `steps = ${expr.steps}`, ...expr.args.map(showBinding)].join(", ")}: ${showExpr(expr.rate)})`;
    }
    case "density":
      return `${expr.fn}(${showDist(expr.dist)}, ${showExpr(expr.at)})`;
  }
}

function showCall({ fn, args, over }: Extract<Expr, { kind: "call" }>): string {
  return `${fn}(${[...args.map(showExpr), ...(over === null ? [] : [`over ${over}`])].join(", ")})`;
}

const showBinding = ({ symbol, value }: { readonly symbol: Symbol; readonly value: Expr }): string =>
  `${symbol.name} = ${showExpr(value)}`;

const showSub = (sub: Subscript): string =>
  sub.kind === "index"
    ? showExpr(sub.value)
    : `${sub.from === null ? "" : showExpr(sub.from)}..${sub.to === null ? "" : showExpr(sub.to)}`;
