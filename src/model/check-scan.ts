// `scan`: an ordered recursion. The body is checked like that of a plate; what is carried can be read at earlier steps
// before its definition is known, so its type and what it depends on are assumed, and the body is rehearsed until
// assumption and definition agree.

import type * as Ast from "../syntax/ast.ts";
import { definitionIn, targetsOf } from "../syntax/walk.ts";
import type { Definition } from "../syntax/walk.ts";
import { assumed, fitStart, revised } from "./check-carried.ts";
import type { Head } from "./check-carried.ts";
import { checkExpr, openBinders } from "./check-expr.ts";
import type { GuideParts } from "./check-guide.ts";
import { fault, rehearsal } from "./check-scope.ts";
import type { CarriedView, Env, Scope } from "./check-scope.ts";
import { checkType } from "./check-type.ts";
import type { Binder, Carried, PlateAxis, ScanStmt, Stmt, Symbol } from "./model.ts";

type ScanNode = Extract<Ast.Statement, { kind: "scan" }>;

/** How the statements of the body are checked: `check-statement.ts`, which calls this file. */
type CheckBody = (body: Ast.Body, env: Env, guide: GuideParts | null) => Stmt[];

/** A scan and its scope; null after an error in its head, when nothing of the body was entered. */
export function checkScan(
  statement: ScanNode,
  env: Env,
  guide: GuideParts | null,
  checkBody: CheckBody,
): { readonly stmt: ScanStmt; readonly scope: Scope } | null {
  if (env.scan !== null)
    return fault(
      env,
      "PPL409",
      statement.binder.span,
      { what: "`scan`" },
      { hint: "one scan carries several names, and plates stand inside it" },
    );
  const opened = openBinders([statement.binder], env);
  const binder = opened?.binders[0];
  if (opened === null || binder === undefined) return null;
  const heads = statement.carried.map((carried) => headOf(carried, statement, binder, opened.env));
  if (repeats(statement, env) || !heads.every((head) => head !== null)) return null;
  const inner: Env = { ...opened.env, plates: [...env.plates, binder] };
  const perform = (views: readonly CarriedView[], within: Env, parts: GuideParts | null): Performed =>
    performed(statement, views, binder, within, parts, checkBody);
  const views = rehearsed(
    heads.map((head) => assumed(head, env)),
    inner,
    guide,
    perform,
  );
  const fitted = views.map((view) => fitStart(view, env));
  if (!fitted.every((view) => view !== null)) return null;
  return { stmt: perform(fitted, inner, guide).stmt, scope: inner.scope };
}

/** More than the ways in which an assumption can be widened, one at a time. */
const MOST_REHEARSALS = 20;

/** Assumptions with which the definitions agree; what was reported on the way is forgotten. */
function rehearsed(
  first: readonly CarriedView[],
  inner: Env,
  guide: GuideParts | null,
  perform: (views: readonly CarriedView[], env: Env, guide: GuideParts | null) => Performed,
): readonly CarriedView[] {
  let views = first;
  for (let i = 0; i < MOST_REHEARSALS; i++) {
    const parts = guide && { ...guide, placed: new Map(guide.placed), blocks: [...guide.blocks] };
    const next = perform(views, rehearsal(inner), parts).views.map(revised);
    if (next.every((view, at) => view === views[at])) break;
    views = next;
  }
  return views;
}

type Performed = { readonly stmt: ScanStmt; readonly views: readonly CarriedView[] };

/** The body under these assumptions; the views then hold what was read and defined. */
function performed(
  statement: ScanNode,
  views: readonly CarriedView[],
  binder: Binder,
  inner: Env,
  guide: GuideParts | null,
  checkBody: CheckBody,
): Performed {
  for (const view of views) {
    view.earlier.clear();
    view.defined = null;
  }
  const direction = statement.reverse ? "backward" : "forward";
  const scan = {
    index: binder.symbol,
    direction,
    carried: new Map(views.map((view) => [view.name.text, view])),
    outside: inner.scope.parent ?? inner.scope,
    defines: new Set(targetsOf(statement.body).keys()),
    excluded: [],
    conditions: [],
  } as const;
  const body = checkBody(statement.body, { ...inner, scan }, guide);
  const carried = views.flatMap((view) => carriedOf(view) ?? []);
  return { stmt: { kind: "scan", binders: [binder], direction, carried, body, span: statement.span }, views };
}

function carriedOf({ defined, start, earlier, startAxes }: CarriedView): Carried | null {
  if (defined === null) return null;
  const lags = [...earlier].sort(([a], [b]) => a - b).map(([lag, symbol]) => ({ lag, symbol }));
  return { symbol: defined.symbol, start, startAxes, earlier: lags };
}

// ---------------------------------------------------------------------------------------- what `carry` says

function headOf(carried: Ast.Carried, statement: ScanNode, binder: Binder, env: Env): Head | null {
  const { name } = carried;
  const start = carried.start === null ? null : checkExpr(carried.start, outer(env, binder));
  const declared = carried.type === null ? null : checkType(carried.type, env);
  if ((carried.start !== null && start === null) || (carried.type !== null && declared === null)) return null;
  if (start === null && declared === null)
    return fault(
      env,
      "PPL308",
      name.span,
      { of: `\`carry ${name.text}\``, problem: "needs a type or a start value" },
      { hint: `carry ${name.text}: real` },
    );
  const found = definitionIn(name.text, statement.body);
  if (found === null)
    return fault(
      env,
      "PPL407",
      name.span,
      { name: name.text, problem: "does not define it" },
      { hint: `let ${name.text}[${binder.symbol.name}] = … in its body` },
    );
  return placedHead({ name, declared, start }, found, binder, env);
}

/** The start value is no part of the recursion: it does not see the index. */
const outer = (env: Env, binder: Binder): Env => ({
  ...env,
  scope: env.scope.parent ?? env.scope,
  indices: env.indices.filter((open) => open !== binder),
});

/** The axes of a carried name, read off the subscripts of its definition: plates around the scan by their index, those
 * inside by name. */
function placedHead(
  head: Pick<Head, "name" | "declared" | "start">,
  { target, binders }: Definition,
  binder: Binder,
  env: Env,
): Head | null {
  const inside = innerAxes(binders, env);
  const found = (target.subs ?? []).map((sub): { axis: PlateAxis; owner: Symbol | null } | null => {
    const text = sub.kind === "index" && sub.value.kind === "name" ? sub.value.name.text : null;
    const own = [...env.plates, binder].find(({ symbol }) => symbol.name === text);
    const inner = text === null ? undefined : inside.get(text);
    return inner !== undefined
      ? { axis: inner, owner: null }
      : own === undefined
        ? null
        : { axis: own.plate, owner: own.symbol };
  });
  const position = found.findIndex((sub) => sub?.owner === binder.symbol);
  if (position < 0 || !found.every((sub) => sub !== null)) {
    const text = head.name.text;
    return fault(
      env,
      "PPL205",
      target.name.span,
      { name: text, verb: "carried", open: [binder.symbol.name], missing: [binder.symbol.name] },
      {
        hint: `write ${text}[${binder.symbol.name}]`,
      },
    );
  }
  const rest = found.toSpliced(position, 1);
  return { ...head, position, axes: rest.map(({ axis }) => axis), owners: rest.map(({ owner }) => owner) };
}

/** The axes that the plates between scan and definition will open. */
function innerAxes(binders: readonly Ast.Binder[], env: Env): ReadonlyMap<string, PlateAxis> {
  const found = new Map<string, PlateAxis>();
  for (const { name, size } of binders) {
    const dim = size.kind === "number" ? size.value : (env.sizes.get(size.name.text)?.size ?? null);
    if (dim === null) continue;
    const open = [...env.indices.map(({ plate }) => plate), ...found.values()].filter(
      (plate) => plate.dim === dim,
    ).length;
    found.set(name.text, { axis: `${dim}${"'".repeat(open)}`, dim });
  }
  return found;
}

function repeats(statement: ScanNode, env: Env): boolean {
  const seen = new Set<string>();
  return statement.carried.some(({ name }) => {
    if (seen.has(name.text)) fault(env, "PPL203", name.span, { name: name.text });
    return seen.size === seen.add(name.text).size;
  });
}
