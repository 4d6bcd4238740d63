// A mixture of Gaussians with diagonal covariances. Every component is drawn and weighted by its probability, so that
// no draw depends on a choice between them.

import { drawState } from "../../dist/draw.ts";
import type { Node } from "../../ir/node.ts";
import { PARTICLE } from "../../objective/term.ts";
import {
  add,
  concat,
  constant,
  div,
  einsum,
  exp,
  expand,
  logSoftmax,
  lse,
  mul,
  noise,
  scalar,
  square,
  sub,
  sum,
  toAxis,
} from "../../op/index.ts";
import { filled, LOG_2_PI, scattered, type JointFamily, type JointRequest } from "./family.ts";
import * as math from "../../op/special/elementary.ts";

const componentsOf = ({ option }: JointRequest): number => option("components") as number;

/** Starts of the components: apart from each other, and wide enough to meet. */
const APART = 1;
const START_SD = 0.5;

export const mixture: JointFamily = {
  name: "mixture",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, algorithm 3; Jaakkola, Jordan 1998",
  fixable: true,
  momentum: null,
  leaves: (request) => {
    const [n, k] = [request.size, componentsOf(request)];
    return [
      { name: "loc", shape: [k, n], start: scattered(request.name, k * n, APART) },
      { name: "log_sd", shape: [k, n], start: filled(k * n, math.log(START_SD)) },
      // The last component's logit is 0: with one more the level of all would mean nothing.
      { name: "logits", shape: [k - 1], start: filled(k - 1, 0) },
    ];
  },
  at: (leaves, request) => {
    const [loc, logSd, logits] = leaves as [Node, Node, Node];
    const { name, size } = request;
    const k = componentsOf(request);
    const axis = `%${name}#${k}`;
    const logProbs = logSoftmax(concat([logits, constant([0], [1])], 0));
    const each = (x: Node): Node => toAxis(x, 0, axis);
    return {
      draw: () => {
        const all = add(loc, mul(exp(logSd), noise("normal", name, [PARTICLE], [k, size])));
        return einsum("k,kn->n", drawState(logProbs, `${name} component`, [PARTICLE]), all);
      },
      logProb: (value) => {
        const z = div(sub(expand(value, [k, size], [1]), loc), exp(logSd));
        const inside = sub(mul(scalar(-0.5), sum(square(z), [1])), sum(logSd, [1]));
        return sub(lse(add(logProbs, inside)), scalar(0.5 * size * LOG_2_PI));
      },
      components: {
        axis,
        draw: () => add(each(loc), mul(exp(each(logSd)), noise("normal", name, [axis, PARTICLE], [size]))),
        prob: each(exp(logProbs)),
      },
    };
  },
};
