// The guide `same`: the family of the site's own distribution, every parameter free. Enters: the model's distribution;
// leaves: its row with parameters on the unconstrained scale of what each may be.

import type { Param, ParamSupport } from "../dist/dist.ts";
import { instance } from "../dist/instance.ts";
import type { Node } from "../ir/node.ts";
import { exp, scalar, sigmoid } from "../op/index.ts";
import type { BuiltDist } from "./distribution.ts";
import type { FreeGuide, FreeLeaf } from "./free-guide.ts";
import { limitsOf } from "./site.ts";

/** From the real line to what a parameter may be. */
const FREE: Readonly<Partial<Record<ParamSupport, (u: Node) => Node>>> = {
  real: (u) => u,
  positive: exp,
  nonnegative: exp,
  "positive-vector": exp,
  "unit-interval": sigmoid,
};

/** Null where a distribution has none such: a parameter that cannot be free, or one that moves the support. */
export function sameGuide(model: BuiltDist): FreeGuide | null {
  const { dist } = model.instance;
  const { params } = dist.forms[0];
  const smooth = dist.draw.kind === "pathwise" || dist.draw.kind === "implicit";
  if (!smooth || params.length === 0 || !params.every(isFree)) return null;
  const at = (leaves: readonly Node[]): BuiltDist["instance"] =>
    instance(
      dist,
      0,
      Object.fromEntries(
        params.map(({ name, support }, i) => [name, (FREE[support] as (u: Node) => Node)(leaves[i] as Node)]),
      ),
    );
  const probe = params.map((_, i) => scalar(0.25 + 0.5 * i));
  const moves = limitsOf({ instance: at(probe), shape: [] }).some(
    (limit, i) => limit !== limitsOf({ instance: at(probe.map(shifted)), shape: [] })[i],
  );
  return moves ? null : { leaves: params.map((param) => leafOf(param, model)), at, value: (v) => v };
}

const isFree = ({ support, rank, size }: Param): boolean => support in FREE && rank < 2 && size !== true;

/** Another number in the place of a parameter: nodes are equal where they are one. */
const shifted = (_: Node, i: number): Node => scalar(1.3 + 0.5 * i);

/** One number per draw, or per entry of a vector that is drawn as one. */
const leafOf = ({ name, rank }: Param, { instance: { dist }, shape }: BuiltDist): FreeLeaf => ({
  name,
  start: 0,
  extra: [],
  gauge: false,
  shape: rank >= dist.rank ? shape : shape.slice(0, shape.length - dist.rank),
});
