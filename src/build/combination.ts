// The distributions inside a combinator in the graph: their parameters as those of the combined row, each under its
// name there, with one more dim where the row has a list of them.

import { ice } from "../base/ice.ts";
import type { Param } from "../dist/dist.ts";
import { nameIn } from "../dist/combinator.ts";
import type { Node } from "../ir/node.ts";
import type { DistExpr } from "../model/model.ts";
import type { Shape } from "../model/types.ts";
import { expand, toEvent } from "../op/index.ts";
import { builtDist, checkedSize, sizesDiffer, type BuiltDist, type Given } from "./distribution.ts";
import { evaluateArray, type Context } from "./expr.ts";

export type Inside = {
  /** The parameter of a distribution inside that the combined row calls `param`; null for the combinator's own. */
  readonly argument: (param: Param) => Given | null;
  /** The dims of one value. */
  readonly event: (rank: number) => readonly number[];
};

export function insideOf(expr: DistExpr, ctx: Context): Inside {
  const built = expr.parts.map((part) => builtDist(part, within(expr, ctx)));
  const size =
    expr.args["size"] === undefined
      ? null
      : checkedSize(ctx.scope.numberOf(evaluateArray(expr.args["size"], ctx).node), "size", expr);
  refuseCounts(expr, ctx);
  const found = new Map(
    built.flatMap((d, i) =>
      d.instance.form.params.map((own) => [nameIn(i, own.name), { d, own, part: expr.parts[i]! }] as const),
    ),
  );
  return {
    argument: (param) => {
      const inner = found.get(param.name);
      if (inner === undefined) return null;
      const { d, own, part } = inner;
      const node = risen(d.instance.params[own.name] as Node, param.rank - own.rank, own, { expr, ctx, size, d });
      return { param, node, shape: leadNames(node, param, part, d) };
    },
    event: (rank) =>
      size === null
        ? commonEvent(
            expr,
            built.map((d) => d.shape.slice(d.shape.length - rank)),
          )
        : [size],
  };
}

/** The index of a comprehension stands for an axis while its body is built. */
const within = ({ each }: DistExpr, ctx: Context): Context =>
  each === null ? ctx : { ...ctx, locals: new Map(ctx.locals).set(each.symbol, each.plate) };

type Rise = { readonly expr: DistExpr; readonly ctx: Context; readonly size: number | null; readonly d: BuiltDist };

/** A parameter with the dim that the combined row wants before its own: the components, the draws, or the entries of
 *  a vector. */
function risen(node: Node, rise: number, own: Param, { expr, ctx, size, d }: Rise): Node {
  if (rise === 0) return node;
  const at = node.shape.length - own.rank;
  const { each } = expr;
  if (each !== null) return toEvent(node, each.plate.axis, at, ctx.scope.sizeOf(each.plate.dim));
  if (size === null && at > 0) return node;
  const count = size ?? d.shape[d.shape.length - 1] ?? ice("an ordered scalar");
  return expand(
    node,
    node.shape.toSpliced(at, 0, count),
    node.shape.map((_, i) => (i < at ? i : i + 1)),
  );
}

/** Names of the leading dims that a parameter has: those of its distribution, or none. */
function leadNames(node: Node, param: Param, part: DistExpr, d: BuiltDist): Shape {
  const own = node.shape.length - param.rank;
  return part.type.shape.slice(0, d.shape.length - d.instance.dist.rank).slice(0, own);
}

/** Components and the entries of a list argument, once their number is known. */
function refuseCounts(expr: DistExpr, ctx: Context): void {
  const count = expr.each === null ? expr.parts.length : ctx.scope.sizeOf(expr.each.plate.dim);
  const lists = Object.values(expr.args).filter(
    ({ type }) => expr.name === "Mixture" && type.kind === "array" && type.shape.length > 0,
  );
  const sizes = lists.map((list) => evaluateArray(list, ctx).node.shape.at(-1) as number);
  const other = sizes.find((size) => size !== count);
  if (other !== undefined) sizesDiffer(expr, [other], [count]);
}

function commonEvent(expr: DistExpr, events: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...others] = events;
  const other = others.find((event) => event.some((size, i) => size !== first[i]));
  return other === undefined ? first : sizesDiffer(expr, first, other);
}
