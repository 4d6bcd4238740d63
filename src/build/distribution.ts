// `Name(args)` of a checked program as a distribution in the graph: parameters on one event shape, density summed over
// the event.

import { diagnose, VariateError } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { drawOf, oneHot } from "../dist/draw.ts";
import {
  instance,
  logCcdf,
  logCdf,
  isMember,
  logProb as instanceLogProb,
  logProbInside,
  logProbOfMember,
  logitsOf,
  type Instance,
} from "../dist/instance.ts";
import type { Param } from "../dist/dist.ts";
import type { Axis, Node } from "../ir/node.ts";
import { exp, expand, minimum, scalar, select, sum } from "../op/index.ts";
import { rowOf } from "../model/dist-row.ts";
import type { DistExpr } from "../model/model.ts";
import { align, type Shape } from "../model/types.ts";
import { layAlong } from "../function/index.ts";
import { insideOf } from "./combination.ts";
import { arrayType, evaluateArray, type Context } from "./expr.ts";
import type { ArrayValue } from "./value.ts";

/** A distribution at its arguments. `shape`: event shape of one draw. */
export type BuiltDist = { readonly instance: Instance; readonly shape: readonly number[] };

export function builtDist(expr: DistExpr, ctx: Context): BuiltDist {
  const { dist, form } = rowOf(expr);
  const inside = expr.parts.length === 0 ? null : insideOf(expr, ctx);
  const raw = dist.forms[form]!.params.map((p): Given => inside?.argument(p) ?? argument(expr, p, ctx));
  const leadNames = expr.type.shape.slice(0, expr.type.shape.length - dist.rank);
  const lead = leadNames.map((size, i) => (size === null ? leadingSize(raw, leadNames.length - i) : sizeOf(size, ctx)));
  const shape = [
    ...lead,
    ...(inside === null ? Array<number>(dist.rank).fill(ownSize(expr, raw, ctx)) : inside.event(dist.rank)),
  ];
  const ownSizeNode = scalar(shape[shape.length - 1] ?? 1);
  const params = Object.fromEntries(
    raw.map((given) => [given.param.name, given.param.size === true ? ownSizeNode : layOn(given, leadNames, lead)]),
  );
  return { instance: instance(dist, form, params), shape };
}

function argument(expr: DistExpr, param: Param, ctx: Context): Given {
  const arg = expr.args[param.name] ?? ice(`${expr.name} lacks ${param.name}`);
  return { param, node: evaluateArray(arg, ctx).node, shape: arrayType(arg).shape };
}

/** An argument: its value, and its shape as the checker named it. */
export type Given = { readonly param: Param; readonly node: Node; readonly shape: Shape };

/** A parameter of rank r keeps its last r dims and is laid along the leading dims of the draw; a scalar stays one. */
function layOn({ param, node, shape: names }: Given, to: Shape, lead: readonly number[]): Node {
  const own = node.shape.length - param.rank;
  if (own === lead.length || (param.rank === 0 && own === 0)) return node;
  const aligned = align([to, names.slice(0, own)]);
  if ("problem" in aligned) return ice("a parameter that the checker aligned does not align");
  const tail = node.shape.slice(own);
  const places = tail.map((_, i) => own + i);
  return layAlong(node, [...lead, ...tail], [...(aligned.alignments[1] ?? []), ...places]);
}

const sizeOf = (size: string | number, ctx: Context): number =>
  typeof size === "string" ? ctx.scope.sizeOf(size) : size;

/** The leading size at a distance from the last leading dim, from a parameter that has it. */
function leadingSize(args: readonly Given[], fromEnd: number): number {
  const sizes = args.map(({ node, param }) => node.shape[node.shape.length - param.rank - fromEnd]);
  return sizes.find((size) => size !== undefined) ?? ice("a size of a draw that no parameter carries");
}

/** The size of a draw's own dims: written as one, or that of all vectors and matrices among the parameters. */
function ownSize(expr: DistExpr, args: readonly Given[], ctx: Context): number {
  const written = args.find(({ param }) => param.size === true);
  if (written !== undefined) return checkedSize(ctx.scope.numberOf(written.node), written.param.name, expr);
  const [first = 1, ...others] = args.flatMap(({ param, node }) =>
    param.rank === 0 ? [] : node.shape.slice(-param.rank),
  );
  const other = others.find((size) => size !== first);
  if (other === undefined) return first;
  return sizesDiffer(expr, [first], [other]);
}

/** PPL609: a size that the data gives. */
export function checkedSize(size: number, name: string, expr: DistExpr): number {
  if (size >= 1) return size;
  throw new VariateError([
    diagnose("PPL609", expr.args[name]?.span ?? expr.span, {
      param: name,
      dist: expr.name,
      wants: "a whole number >= 1",
      found: String(size),
    }),
  ]);
}

export function sizesDiffer(expr: DistExpr, left: readonly number[], right: readonly number[]): never {
  throw new VariateError([
    diagnose(
      "PPL301",
      expr.span,
      { op: `\`${expr.name}\``, left, right },
      {
        hint: "the sizes are known only now that the data is read",
      },
    ),
  ]);
}

/** log density of a value, summed over its event: scalar event. `inside`: the value lies in the support by
 *  construction. */
export function logProb(d: BuiltDist, value: ArrayValue, where: "anywhere" | "inside" = "anywhere"): Node {
  const lead = d.shape.slice(0, d.shape.length - d.instance.dist.rank);
  if (isOneMember(d, value)) return logProbOfMember(d.instance, value.node);
  const density = where === "inside" ? logProbInside : instanceLogProb;
  const found = density(d.instance, entryOf(d, value));
  const known = numbersOf(d, value);
  const node = known === null ? found : select(isMember(known, categories(d)), found, scalar(-Infinity));
  // A density without event dims is constant along them and counts once per element.
  return sum(node.shape.length === 0 && lead.length > 0 ? expand(node, lead, []) : node);
}

/** Indices that no latent state stands behind, and that may lie beyond the members. */
const numbersOf = (d: BuiltDist, { node, hot }: ArrayValue): Node | null =>
  d.instance.dist.value === "index" && hot === null ? node : null;

/** The value as the row wants it: an index as a one-hot vector, zero for numbers before the first member; those after
 *  the last are the last, which tail probabilities want. */
function entryOf(d: BuiltDist, value: ArrayValue): Node {
  const numbers = numbersOf(d, value);
  if (numbers === null) return d.instance.dist.value === "index" ? (value.hot ?? value.node) : value.node;
  const count = categories(d);
  return oneHot(minimum(numbers, scalar(count - 1)), count);
}

/** One index that no latent state stands behind. */
const isOneMember = (d: BuiltDist, value: ArrayValue): boolean =>
  numbersOf(d, value)?.shape.length === 0 && logitsOf(d.instance).shape.length === 1;

/** How many values a finite distribution has. */
export const categories = (d: BuiltDist): number => {
  const logits = logitsOf(d.instance);
  return logits.shape[logits.shape.length - 1] ?? ice("a finite distribution without values");
};

/** One draw; a one-hot vector for a categorical distribution. Live in the parameters where the row has a path. */
export const draw = (d: BuiltDist, site: string, axes: readonly Axis[]): Node =>
  drawOf(d.instance, { site, axes, shape: d.shape });

/** `log_prob`, `log_cdf`, `log_ccdf`, `cdf` of a value, summed over the event. */
export function densityFunction(fn: "log_prob" | "log_cdf" | "log_ccdf" | "cdf", d: BuiltDist, at: ArrayValue): Node {
  if (fn === "log_prob") return logProb(d, at);
  const tail = (fn === "log_ccdf" ? logCcdf : logCdf)(d.instance, entryOf(d, at));
  if (tail === null) return ice(`${d.instance.dist.name} has no ${fn}`);
  return fn === "cdf" ? exp(sum(tail)) : sum(tail);
}
