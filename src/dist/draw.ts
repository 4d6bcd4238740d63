// One draw of a distribution at arguments, whatever the row says of how it is drawn.

import { ice } from "../base/ice.ts";
import type { Axis, Node } from "../ir/node.ts";
import {
  add,
  argmax,
  constant,
  equal,
  exp,
  expand,
  less,
  log,
  neg,
  noise,
  reshape,
  slice,
  type Key,
} from "../op/index.ts";
import type { Draw, Params } from "./dist.ts";
import { canonical, logitsOf, type Instance } from "./instance.ts";

/** A draw of event shape `key.shape` (a one-hot vector more for a category), live in the parameters where the row
 *  has a path. */
export function drawOf(d: Instance, key: Key): Node {
  const { draw } = d.dist;
  switch (draw.kind) {
    case "pathwise":
      return draw.from(noise(draw.noise, key.site, key.axes, key.shape), canonical(d));
    case "implicit":
    case "opaque":
      return draw.sample(key, canonical(d));
    case "finite":
      return drawFinite(d, key);
    case "none":
      return ice(`${d.dist.name} cannot be drawn`);
  }
}

/** A Boolean is drawn as u < p, a category by Gumbel-max. */
function drawFinite(d: Instance, { site, axes, shape }: Key): Node {
  const logits = logitsOf(d);
  if (d.dist.value !== "bool") return drawState(logits, site, axes);
  const last = slice(logits, logits.shape.length - 1, 1, 1);
  return less(noise("uniform", site, axes, shape), exp(reshape(last, logits.shape.slice(0, -1))));
}

/** Gumbel-max, argmax_c (l_c - log(-log u_c)): a one-hot draw with log probabilities l along the last event dim,
 *  known up to a constant. */
export function drawState(logits: Node, site: string, axes: readonly Axis[]): Node {
  return largest(add(logits, gumbel(site, axes, logits.shape)));
}

/** Standard Gumbel noise. */
export const gumbel = (site: string, axes: readonly Axis[], shape: readonly number[]): Node =>
  neg(log(neg(log(noise("uniform", site, axes, shape)))));

/** The one-hot vector of the largest entry along the last event dim. */
export function largest(x: Node): Node {
  const last = x.shape.length - 1;
  return oneHot(argmax(x, [last]), x.shape[last] as number);
}

/** `[…]` of 0-based numbers to `[…, count]` of zeros and ones. */
export function oneHot(index: Node, count: number): Node {
  const shape = [...index.shape, count];
  const numbers = expand(constant([...Array(count).keys()], [count]), shape, [shape.length - 1]);
  return equal(
    expand(
      index,
      shape,
      index.shape.map((_, i) => i),
    ),
    numbers,
  );
}

/** Draws of `of` at parameters that `inner` gives, changed by `f`: as smooth as they were. */
export function changed(of: Draw, inner: (p: Params) => Instance, f: (x: Node, p: Params) => Node): Draw {
  switch (of.kind) {
    case "pathwise":
      return { ...of, from: (eps, p) => f(of.from(eps, canonical(inner(p))), p) };
    case "implicit":
    case "opaque":
      return { ...of, sample: (key, p) => f(of.sample(key, canonical(inner(p))), p) };
    case "finite":
      return { kind: "opaque", sample: (key, p) => f(drawOf(inner(p), key), p) };
    case "none":
      return of;
  }
}
