// Censored(D, lower = …, upper = …): D, where a value beyond a bound is only known to lie there, and is written as the
// bound.

import type { Node } from "../../ir/node.ts";
import { less, lessEqual, or, scalar, select } from "../../op/index.ts";
import { componentAt, kindOf, paramsIn, type Combinator } from "../combinator.ts";
import type { Params, Support } from "../dist.ts";
import { changed } from "../draw.ts";
import { interior, logProb, supportOf, type Instance } from "../instance.ts";
import { tailsAt } from "../quantile.ts";
import { cut } from "../sets.ts";
import { beforeLower, boundedForms, boundsIn, clamp, unbounded, upToUpper } from "./bounds.ts";

export const censored: Combinator = {
  name: "Censored",
  doc:
    "A value of `distribution` that is known exactly between `lower` and `upper` only: a value at a bound counts the " +
    "probability of all values there and beyond, P(X <= lower) or P(X >= upper); between them it counts its density. " +
    "The bounds may be latent, or infinite.",
  source: "Klein, Moeschberger 2003, Survival Analysis, section 3.5",
  forms: boundedForms,
  distributions: { name: "distribution", several: false },
  row: (components, { form }) => {
    const component = components[0]!;
    const problem = unbounded(component);
    if (problem !== null) return { problem };
    const { dist } = component;
    const params = [...boundedForms[form]!.params.slice(1), ...paramsIn(components)];
    const inner = (p: Params): Instance => componentAt(component, 0, p);
    const support = (p: Params): Support => cut(supportOf(inner(p)), ...boundsIn(p));
    const tails = (x: Node, p: Params) => tailsAt(inner(p), x);
    return {
      name: "Censored",
      doc: censored.doc,
      source: censored.source,
      forms: [{ params }],
      value: dist.value,
      rank: 0,
      support,
      supportKind: kindOf(support, params),
      discrete: dist.discrete,
      ...(dist.discrete ? {} : { atoms: true }),
      logProb: (x, p) => logDensity(inner(p), x, p),
      draw: changed(dist.draw, inner, (x, p) => clamp(x, ...boundsIn(p))),
      // below the upper bound nothing has changed, from it on everything has happened
      logCdf: (x, p) => upperEnd(p, x, tails(x, p).below, 0),
      logCcdf: (x, p) => upperEnd(p, x, tails(x, p).above, -Infinity),
    };
  },
};

/** log p(x), or log P(X <= lower), log P(X >= upper). The density is asked inside where it does not count. */
function logDensity(d: Instance, x: Node, p: Params): Node {
  const [lower, upper] = boundsIn(p);
  const atLower = lower === null ? null : lessEqual(x, lower);
  const atUpper = upper === null ? null : lessEqual(upper, x);
  const atEither = atLower === null ? (atUpper as Node) : atUpper === null ? atLower : or(atLower, atUpper);
  const density = logProb(d, select(atEither, interior(supportOf(d)), x));
  const fromLower =
    atLower === null ? density : select(atLower, tailsAt(d, upToUpper(d, lower as Node)).below, density);
  return atUpper === null ? fromLower : select(atUpper, tailsAt(d, beforeLower(d, upper as Node)).above, fromLower);
}

const upperEnd = (p: Params, x: Node, tail: Node, after: number): Node => {
  const upper = boundsIn(p)[1];
  return upper === null ? tail : select(less(x, upper), tail, scalar(after));
};
