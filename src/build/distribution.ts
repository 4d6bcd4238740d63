// `Name(args)` of a checked program as a distribution in the graph: parameters on one event shape, density summed over the event.

import { diagnose, VariateError } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { distOf } from "../dist/index.ts";
import { canonical, instance, logCcdf, logCdf, logProb as instanceLogProb, logProbInside, logitsOf, type Instance } from "../dist/instance.ts";
import type { Param } from "../dist/dist.ts";
import type { Axis, Node } from "../ir/node.ts";
import { add, argmax, constant, equal, exp, expand, less, log, neg, noise, reshape, slice, sum } from "../op/index.ts";
import type { DistExpr } from "../model/model.ts";
import { align, type Shape } from "../model/types.ts";
import { layAlong } from "../function/index.ts";
import { arrayType, evaluateArray, type Context } from "./expr.ts";
import type { ArrayValue } from "./value.ts";

/** A distribution at its arguments. `shape`: event shape of one draw. */
export type BuiltDist = { readonly instance: Instance; readonly shape: readonly number[] };

export function builtDist(expr: DistExpr, ctx: Context): BuiltDist {
  const dist = distOf(expr.name) ?? ice(`no distribution ${expr.name}`);
  const form = dist.forms[expr.form] ?? ice(`${expr.name} has no form ${expr.form}`);
  const raw = form.params.map((p): Given => {
    const arg = expr.args[p.name] ?? ice(`${expr.name} lacks ${p.name}`);
    return { param: p, node: evaluateArray(arg, ctx).node, shape: arrayType(arg).shape };
  });
  const leadNames = expr.type.shape.slice(0, expr.type.shape.length - dist.rank);
  const lead = leadNames.map((size, i) => (size === null ? leadingSize(raw, leadNames.length - i) : sizeOf(size, ctx)));
  const shape = [...lead, ...Array<number>(dist.rank).fill(ownSize(expr, raw, ctx))];
  const params = Object.fromEntries(raw.map((given) => [given.param.name, layOn(given, leadNames, lead)]));
  return { instance: instance(dist, expr.form, params), shape };
}

/** An argument: its value, and its shape as the checker named it. */
type Given = { readonly param: Param; readonly node: Node; readonly shape: Shape };

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

const sizeOf = (size: string | number, ctx: Context): number => (typeof size === "string" ? ctx.scope.sizeOf(size) : size);

/** The leading size at a distance from the last leading dim, from a parameter that has it. */
function leadingSize(args: readonly Given[], fromEnd: number): number {
  const sizes = args.map(({ node, param }) => node.shape[node.shape.length - param.rank - fromEnd]);
  return sizes.find((size) => size !== undefined) ?? ice("a size of a draw that no parameter carries");
}

/** The size of a draw's own dims: written as one, or that of all vectors and matrices among the parameters. */
function ownSize(expr: DistExpr, args: readonly Given[], ctx: Context): number {
  const written = args.find(({ param }) => param.size === true);
  if (written !== undefined) return ctx.scope.numberOf(written.node);
  const [first = 1, ...others] = args.flatMap(({ param, node }) => (param.rank === 0 ? [] : node.shape.slice(-param.rank)));
  const other = others.find((size) => size !== first);
  if (other === undefined) return first;
  throw new VariateError([diagnose("PPL301", expr.span, { op: `\`${expr.name}\``, left: [first], right: [other] }, {
    hint: "the sizes are known only now that the data is read",
  })]);
}

/** log density of a value, summed over its event: scalar event. `inside`: the value lies in the support by construction. */
export function logProb(d: BuiltDist, value: ArrayValue, where: "anywhere" | "inside" = "anywhere"): Node {
  const lead = d.shape.slice(0, d.shape.length - d.instance.dist.rank);
  const density = where === "inside" ? logProbInside : instanceLogProb;
  const node = density(d.instance, d.instance.dist.value === "index" ? value.hot ?? oneHot(value.node, categories(d)) : value.node);
  // A density without event dims is constant along them and counts once per element.
  return sum(node.shape.length === 0 && lead.length > 0 ? expand(node, lead, []) : node);
}

/** How many values a finite distribution has. */
export const categories = (d: BuiltDist): number => {
  const logits = logitsOf(d.instance);
  return logits.shape[logits.shape.length - 1] ?? ice("a finite distribution without values");
};

/** `[…]` of 0-based numbers to `[…, count]` of zeros and ones. */
export function oneHot(index: Node, count: number): Node {
  const shape = [...index.shape, count];
  const numbers = expand(constant([...Array(count).keys()], [count]), shape, [shape.length - 1]);
  return equal(expand(index, shape, index.shape.map((_, i) => i)), numbers);
}

/** One draw; a one-hot vector for a categorical distribution. Live in the parameters where the row has a path. */
export function draw(d: BuiltDist, site: string, axes: readonly Axis[]): Node {
  const { dist } = d.instance;
  const params = canonical(d.instance);
  const key = { site, axes, shape: d.shape };
  switch (dist.draw.kind) {
    case "pathwise": return dist.draw.from(noise(dist.draw.noise, site, axes, d.shape), params);
    case "implicit":
    case "opaque": return dist.draw.sample(key, params);
    case "finite": return drawFinite(d, site, axes);
    case "none": return ice(`${dist.name} cannot be drawn`);
  }
}

/** A Boolean is drawn as u < p, a category by Gumbel-max. */
function drawFinite(d: BuiltDist, site: string, axes: readonly Axis[]): Node {
  const logits = logitsOf(d.instance);
  if (d.instance.dist.value === "bool") {
    const last = slice(logits, logits.shape.length - 1, 1, 1);
    return less(noise("uniform", site, axes, d.shape), exp(reshape(last, logits.shape.slice(0, -1))));
  }
  return drawState(logits, site, axes);
}

/** Gumbel-max, argmax_c (l_c - log(-log u_c)): a one-hot draw with log probabilities l along the last event dim, known up to a constant. */
export function drawState(logits: Node, site: string, axes: readonly Axis[]): Node {
  const last = logits.shape.length - 1;
  const gumbel = neg(log(neg(log(noise("uniform", site, axes, logits.shape)))));
  return oneHot(argmax(add(logits, gumbel), [last]), logits.shape[last] as number);
}

/** `log_prob`, `log_cdf`, `log_ccdf`, `cdf` of a value, summed over the event. */
export function densityFunction(fn: "log_prob" | "log_cdf" | "log_ccdf" | "cdf", d: BuiltDist, at: ArrayValue): Node {
  if (fn === "log_prob") return logProb(d, at);
  const tail = fn === "log_ccdf" ? logCcdf(d.instance, at.node) : logCdf(d.instance, at.node);
  if (tail === null) return ice(`${d.instance.dist.name} has no ${fn}`);
  return fn === "cdf" ? exp(sum(tail)) : sum(tail);
}
