// Samplers that are no map of a fixed number of noise values: each element has a random stream of its own, keyed as
// noise is. A gradient passes where the draw moves smoothly with its parameter: that of its quantile (implicit
// reparameterisation, Figurnov, Mohamed, Mnih 2018, eq. 5).

import { ice } from "../base/ice.ts";
import { numbersAttr, textAttr, textsAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Attrs, Axis, Node } from "../ir/node.ts";
import type { GradRule, OpDef } from "../ir/op.ts";
import { sameList, sortedAxes } from "../ir/shape.ts";
import { mul } from "./arithmetic.ts";
import { gammaSlope, vonMisesSlope } from "./distribution-functions.ts";

/** The stream of a draw, the axes along which draws are independent, and the event shape of a draw. Other axes of the
 *  parameters (swapped values, say) share the stream: common random numbers. */
export type Key = { readonly site: string; readonly axes: readonly Axis[]; readonly shape: readonly number[] };

const keyOf = (attrs: Attrs): Key => ({
  site: textAttr(attrs, "site"),
  axes: textsAttr(attrs, "axes"),
  shape: numbersAttr(attrs, "shape"),
});

const drawOp = (name: string, doc: string, grad: GradRule | null): OpDef => ({
  kind: "random",
  name,
  doc,
  type: (inputs, attrs) => ({
    axes: sortedAxes([...keyOf(attrs).axes, ...inputs.flatMap((x) => x.axes)]),
    shape: keyOf(attrs).shape,
  }),
  grad,
  build: (inputs, attrs) =>
    draw(
      randomOps.find((op) => op.name === name)!,
      keyOf(attrs),
      inputs,
    ),
});

function draw(op: OpDef, key: Key, inputs: readonly Node[]): Node {
  for (const x of inputs) {
    if (x.shape.length > 0 && !sameList(x.shape, key.shape))
      ice(`${op.name} of shape [${key.shape.join(", ")}] from [${x.shape.join(", ")}]`);
  }
  return make(op, inputs, { site: key.site, axes: sortedAxes(key.axes), shape: key.shape });
}

const drawGammaOp = drawOp("drawGamma", "log of a Gamma(shape, 1) draw", (ct, logZ) => [
  mul(ct, gammaSlope(logZ.inputs[0]!, logZ)),
]);
const drawVonMisesOp = drawOp("drawVonMises", "an angle of mean direction 0, in [-π, π)", (ct, theta) => [
  mul(ct, vonMisesSlope(theta, theta.inputs[0]!)),
]);
const drawPoissonOp = drawOp("drawPoisson", "a Poisson(rate) draw", null);
const drawBinomialOp = drawOp("drawBinomial", "a Binomial(n, p) draw", null);

export const randomOps: readonly OpDef[] = [drawGammaOp, drawVonMisesOp, drawPoissonOp, drawBinomialOp];

/** The LOGARITHM of a Gamma(shape, 1) draw: draws of a small shape underflow. */
export const drawGamma = (key: Key, shape: Node): Node => draw(drawGammaOp, key, [shape]);
export const drawVonMises = (key: Key, concentration: Node): Node => draw(drawVonMisesOp, key, [concentration]);
export const drawPoisson = (key: Key, rate: Node): Node => draw(drawPoissonOp, key, [rate]);
export const drawBinomial = (key: Key, n: Node, p: Node): Node => draw(drawBinomialOp, key, [n, p]);
