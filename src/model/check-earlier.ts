// Reads of a scan's names at other steps than the own one: which are allowed, and the symbol that stands for the value
// there.

import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { find, fault, noFacts, textOf } from "./check-scope.ts";
import type { CarriedView, Env, ScanView } from "./check-scope.ts";
import { skipsFirst } from "./check-steps.ts";
import { unwrap } from "./check-subscript.ts";
import type { Symbol } from "./model.ts";
import { array, real } from "./types.ts";

/** The symbol of an earlier value and the subscripts that are left; null where the read is an ordinary one; "refused"
 * after an error. */
export function earlierRead(
  name: Ast.Name,
  subs: readonly Ast.Sub[],
  span: Span,
  env: Env,
): { readonly symbol: Symbol; readonly subs: readonly Ast.Sub[] } | "refused" | null {
  const { scan } = env;
  if (scan === null) return null;
  const view = scan.carried.get(name.text);
  if (view === undefined) return refuseForeign(name, subs, span, scan, env);
  const sub = subs[view.position];
  if (sub === undefined || sub.kind === "slice") return null;
  const shift = shiftOf(sub, scan, env);
  if (shift === 0) return null;
  if (shift === null)
    return refuse(env, "PPL407", span, { name: name.text, read: textOf(span), lag: true }, lagHint(name, scan));
  const lag = scan.direction === "forward" ? -shift : shift;
  if (lag < 0) return refuseAhead(name, span, scan, env);
  if (view.start === null && !skipsFirst(scan, lag)) return refuseUnguarded(view, lag, span, scan, env);
  return { symbol: earlierSymbol(view, lag, scan, env), subs: subs.toSpliced(view.position, 1) };
}

/** The steps from the own one to the one that a subscript names: `t - 2` gives -2; null for other subscripts. */
function shiftOf(sub: Ast.Sub, scan: ScanView, env: Env): number | null {
  const value = sub.kind === "index" ? unwrap(sub.value) : null;
  if (value === null) return null;
  if (isIndex(value, scan, env)) return 0;
  if (value.kind !== "binary" || (value.op !== "+" && value.op !== "-")) return null;
  const [left, right] = [unwrap(value.left), unwrap(value.right)];
  if (isIndex(left, scan, env) && right.kind === "int") return value.op === "+" ? right.value : -right.value;
  return value.op === "+" && left.kind === "int" && isIndex(right, scan, env) ? left.value : null;
}

const isIndex = (node: Ast.Expr, scan: ScanView, env: Env): boolean =>
  node.kind === "name" && find(env.scope, node.name.text)?.symbol === scan.index;

/** One symbol for each lag of a carried name; facts as those of its definition. */
function earlierSymbol(view: CarriedView, lag: number, scan: ScanView, env: Env): Symbol {
  const known = view.earlier.get(lag);
  if (known !== undefined) return known;
  const sign = scan.direction === "forward" ? "-" : "+";
  const symbol: Symbol = {
    name: `${view.name.text}[${scan.index.name} ${sign} ${lag}]`,
    kind: "let",
    type: view.type,
    axes: view.axes,
    stage: view.stage,
    span: view.name.span,
  };
  view.earlier.set(lag, symbol);
  env.checker.facts.set(symbol, {
    ...noFacts,
    owners: view.owners.map((owner) => owner ?? NOBODY),
    latents: view.latents,
    varies: [scan.index],
  });
  return symbol;
}

/** Stands for the index of a plate inside the scan: at an earlier step all its members are there. */
const NOBODY: Symbol = {
  name: "",
  kind: "plate-index",
  type: array(real, []),
  axes: [],
  stage: "data",
  span: { source: { path: "", text: "" }, start: 0, end: 0 },
};

// ---------------------------------------------------------------------------------------- refusals

function refuse(
  env: Env,
  code: "PPL407",
  span: Span,
  args: { name: string; read: string; lag: boolean },
  hint: string,
): "refused" {
  fault(env, code, span, args, { hint });
  return "refused";
}

/** Names of the body that are not carried have no other step; what stands outside the scan may be read anywhere. */
function refuseForeign(
  name: Ast.Name,
  subs: readonly Ast.Sub[],
  span: Span,
  scan: ScanView,
  env: Env,
): "refused" | null {
  const shift = subs.map((sub) => shiftOf(sub, scan, env)).find((s) => s !== null && s !== 0) ?? null;
  const symbol = find(env.scope, name.text)?.symbol ?? null;
  const ownArray =
    symbol !== null && symbol.axes.length === 0 && symbol.type.kind === "array" && symbol.type.shape.length > 0;
  if (shift === null || ownArray || !scan.defines.has(name.text)) return null;
  if (shift > 0 === (scan.direction === "forward")) return refuseAhead(name, span, scan, env);
  return refuse(
    env,
    "PPL407",
    span,
    { name: name.text, read: textOf(span), lag: false },
    `name it after \`carry\`: scan ${scan.index.name} in … carry ${name.text}: real`,
  );
}

function refuseAhead(name: Ast.Name, span: Span, scan: ScanView, env: Env): "refused" {
  const forward = scan.direction === "forward";
  fault(
    env,
    "PPL406",
    span,
    { name: name.text, read: textOf(span), direction: forward ? "from the first step up" : "from the last step down" },
    {
      hint: forward
        ? "`scan … reverse` runs from the last step down"
        : "without `reverse` it runs from the first step up",
    },
  );
  return "refused";
}

function refuseUnguarded(view: CarriedView, lag: number, span: Span, scan: ScanView, env: Env): "refused" {
  const name = view.name.text;
  const t = scan.index.name;
  const first = scan.direction === "forward" ? `${t} == ${env.checker.base}` : `${t} == last(…)`;
  fault(
    env,
    "PPL408",
    span,
    { read: textOf(span), name, lag },
    {
      labels: [{ span: view.name.span, text: "carried without a start value" }],
      hint: `give a start value (carry ${name} = …), or guard the read: if ${first} then … else …`,
    },
  );
  return "refused";
}

function lagHint({ text }: Ast.Name, { index, direction }: ScanView): string {
  const earlier = `${text}[${index.name} ${direction === "forward" ? "-" : "+"} 1]`;
  return `inside its scan \`${text}\` is read at the own step, ${text}[${index.name}], or as ${earlier}`;
}
