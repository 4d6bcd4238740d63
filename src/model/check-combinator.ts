// `Truncated(D, lower = 0)`, `Mixture(w, [D1, D2])`, …: distributions among the arguments, and the type of a draw.

import type { Combinator } from "../dist/combinator.ts";
import type { Dist } from "../dist/dist.ts";
import type * as Ast from "../syntax/ast.ts";
import { sizeMeant } from "./check-apply.ts";
import type { CallNode } from "./check-call.ts";
import { checkArgument, checkDist, chooseForm, misfit, type Argument } from "./check-dist.ts";
import { COMPREHENSION, openBinders } from "./check-expr.ts";
import { reachOf } from "./check-range.ts";
import { fault, textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { unwrap } from "./check-subscript.ts";
import { dependencies } from "./check-walk.ts";
import { readBy, rowOf } from "./dist-row.ts";
import type { Binder, DistExpr } from "./model.ts";
import { align, array, joinElems, joinSizes, showType, sizesAgree } from "./types.ts";
import type { Elem, Shape, Size } from "./types.ts";

type Parts = { readonly parts: readonly DistExpr[]; readonly each: Binder | null };

/** What a combinator makes of checked distributions and its own arguments; null after an error. */
export function checkCombination(combinator: Combinator, node: CallNode, env: Env): DistExpr | null {
  const chosen = chooseForm(combinator, node.args);
  if (chosen === null) return misfit(combinator, node, env);
  const { form, match } = chosen;
  const slot = combinator.distributions.name;
  const written = match.args.get(slot)!;
  const inside = combinator.distributions.several
    ? checkList(combinator, written, env)
    : checkOne(combinator, written, env);
  const own = combinator.forms[form]!.params.filter(({ name }) => name !== slot).map((param) => {
    const value = checkArgument(match.args.get(param.name)!, param, combinator, env);
    return value === null ? null : { param, value };
  });
  if (inside === null || !own.every((arg) => arg !== null)) return null;
  const { parts, each } = inside;
  const row = combinator.row(parts.map(rowOf), { form, each: each !== null });
  if ("problem" in row)
    return fault(env, "PPL308", written.span, { of: `\`${combinator.name}\``, problem: row.problem });
  const type = drawType({ row, own, parts, each, node }, env);
  if (type === null) return null;
  const args = Object.fromEntries(own.map(({ param, value }) => [param.name, value]));
  const dist: DistExpr = { name: combinator.name, form, args, parts, each, type, span: node.span };
  warnUnnormalised(dist, row, env);
  return dist;
}

function checkOne({ name }: Combinator, node: Ast.Expr, env: Env): Parts | null {
  const dist = checkDist(node, env, name);
  return dist === null ? null : { parts: [dist], each: null };
}

/** `[D1, D2]` or `[k in K: D]`. */
function checkList({ name }: Combinator, node: Ast.Expr, env: Env): Parts | null {
  const inner = unwrap(node);
  if (inner.kind === "array") {
    const parts = inner.items.map((item) => checkDist(item, env, name));
    return parts.every((part) => part !== null) ? { parts, each: null } : null;
  }
  if (inner.kind !== "comprehension") {
    return fault(
      env,
      "PPL308",
      node.span,
      { of: `\`${name}\``, problem: "needs a list of distributions" },
      {
        hint: `${name}(weights, [D1, D2]) or ${name}(weights, [k in K: D])`,
      },
    );
  }
  if (inner.binders.length > 1) {
    return fault(env, "PPL308", inner.binders[1]!.span, {
      of: `\`${name}\``,
      problem: "counts its components with one index",
    });
  }
  const opened = openBinders(inner.binders, env);
  const dist = opened === null ? null : checkDist(inner.body, opened.env, name);
  return opened === null || dist === null ? null : { parts: [dist], each: opened.binders[0]! };
}

// ---------------------------------------------------------------------------------------- the type of a draw

type Call = Parts & { readonly row: Dist; readonly own: readonly Argument[]; readonly node: CallNode };

/** Leading sizes of the components and of the own arguments, aligned, then the sizes of one draw. */
function drawType(call: Call, env: Env): DistExpr["type"] | null {
  const { row, own, parts, node } = call;
  const elems = parts.filter((part) => rowOf(part).dist.supportKind !== "point").map(({ type }) => type.elem);
  const elem = elems.reduce<Elem | null>((a, b) => a && joinElems(a, b), elems[0]!);
  const op = `\`${row.name}\``;
  if (elem === null)
    return fault(env, "PPL308", node.span, { of: op, problem: "needs components whose values have one type" });
  const labels = [...parts, ...own.map(({ value }) => value)].map(({ span, type }) => ({ span, text: showType(type) }));
  const written = own.find(({ param }) => param.size === true);
  const bare = written === undefined ? parts.find(({ type }) => type.shape.length < row.rank) : undefined;
  if (bare !== undefined) {
    return fault(
      env,
      "PPL301",
      bare.span,
      { op, needs: "a distribution of vectors", value: textOf(bare.span), shape: bare.type.shape },
      {
        hint: `a number of draws makes one: ${row.name}(D, K)`,
      },
    );
  }
  const ends = parts.map(({ type }) => endOf(type.shape, row, written !== undefined));
  const event = ends.slice(1).reduce<Shape | null>((a, b) => a && joined(a, b), ends[0]!);
  if (event === null) {
    const other = ends.find((end) => joined(ends[0]!, end) === null)!;
    return fault(env, "PPL301", node.span, { op, left: ends[0]!, right: other }, { labels });
  }
  const leads = parts.map(({ type }, i) => type.shape.slice(0, type.shape.length - ends[i]!.length));
  const aligned = align([...leads, ...own.map(leadOf)]);
  if ("problem" in aligned) {
    const shapes = { op, left: aligned.left, right: aligned.right };
    return aligned.problem === "ambiguous"
      ? fault(env, "PPL304", node.span, shapes, { labels, hint: COMPREHENSION })
      : fault(env, "PPL301", node.span, shapes, { labels });
  }
  if (!countsAgree(call, env)) return null;
  return array(elem, [...aligned.shape, ...(written === undefined ? event : [sizeMeant(written.value)])]);
}

const leadOf = ({ param, value }: Argument): Shape => value.type.shape.slice(0, value.type.shape.length - param.rank);

/** The dims of one value; none of a component of which several make one value. */
const endOf = (shape: Shape, row: Dist, several: boolean): Shape =>
  several || row.rank === 0 ? [] : shape.slice(-row.rank);

const joined = (a: Shape, b: Shape): Shape | null =>
  a.every((size, i) => sizesAgree(size, b[i]!)) ? a.map((size, i) => joinSizes(size, b[i]!)) : null;

/** A list argument has an entry for each component. */
function countsAgree({ own, parts, each, row }: Call, env: Env): boolean {
  const lists = own.filter(({ param }) => param.rank === 1);
  const count: Size = each === null ? parts.length : each.plate.dim;
  const other = lists.find(({ value }) => !sizesAgree(value.type.shape.at(-1)!, count));
  if (other === undefined) return true;
  fault(env, "PPL301", other.value.span, {
    value: textOf(other.value.span),
    shape: other.value.type.shape,
    other: `the list of components of \`${row.name}\``,
    wanted: [count],
  });
  return false;
}

// ---------------------------------------------------------------------------------------- what a latent value may be

/** PPL421: the probability of the increasing vectors depends on latents, and the density lacks it. */
function warnUnnormalised(dist: DistExpr, row: Dist, env: Env): void {
  if (row.name !== "Ordered" || "size" in dist.args) return;
  const names = dependencies(env, readBy(dist)).latents;
  if (names.length === 0) return;
  fault(
    env,
    "PPL421",
    dist.span,
    { dist: textOf(dist.span), names },
    {
      hint: "independent draws of one distribution, in order: Ordered(D, K)",
    },
  );
}

/** PPL428 for what no guide of a latent value fits: point masses, and gaps between the components of a mixture. */
export function mayBeLatent(dist: DistExpr, env: Env): boolean {
  const reason =
    rowOf(dist).dist.atoms === true
      ? "single numbers have a probability there, besides a density"
      : hasGap(dist, env)
        ? "no component reaches over the values of all others, so that it has no probability in between"
        : null;
  if (reason === null) return true;
  fault(
    env,
    "PPL428",
    dist.span,
    { dist: textOf(dist.span), reason },
    {
      hint:
        dist.name === "Mixture"
          ? undefined
          : `sample the value from the distribution inside, or observe \`${dist.name}\``,
    },
  );
  return false;
}

function hasGap(dist: DistExpr, env: Env): boolean {
  const gap = dist.parts.some((part) => hasGap(part, env));
  if (gap || dist.name !== "Mixture" || dist.parts.length === 1) return gap;
  const reaches = dist.parts.map((part) => reachOf(part, env));
  if (reaches.some(({ lower, upper }) => lower === null || upper === null)) return false;
  const [low, high] = [
    Math.min(...reaches.map(({ lower }) => lower!)),
    Math.max(...reaches.map(({ upper }) => upper!)),
  ];
  return !reaches.some(({ lower, upper }) => lower === low && upper === high);
}
