// Truncated(D, lower = …, upper = …): D, given that its value lies between bounds.

import type { Node } from "../../ir/node.ts";
import { add, log, log1p, neg, noise, scalar, sub } from "../../op/index.ts";
import { componentAt, kindOf, paramsIn, type Combinator } from "../combinator.ts";
import type { Dist, Params, Support } from "../dist.ts";
import { instance, logProbInside, supportOf, type Instance } from "../instance.ts";
import { implicit, quantile, tailsAt, type Tails } from "../quantile.ts";
import { cut } from "../sets.ts";
import { boundedForms, beforeLower, boundsIn, clamp, logMass, unbounded, upToUpper } from "./bounds.ts";
import { logSumExp } from "./sums.ts";

export const truncated: Combinator = {
  name: "Truncated",
  doc:
    "`distribution`, given that its value lies between `lower` and `upper`, both included (for counts too, as in Stan's " +
    "`T[,]`). p(x) = p_D(x) / P_D(lower <= X <= upper). The bounds may be latent, or infinite.",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 10, section 1",
  forms: boundedForms,
  distributions: { name: "distribution", several: false },
  row: (components, { form }) => {
    const component = components[0]!;
    const problem = unbounded(component);
    if (problem !== null) return { problem };
    const params = [...boundedForms[form]!.params.slice(1), ...paramsIn(components)];
    const inner = (p: Params): Instance => componentAt(component, 0, p);
    const support = (p: Params): Support => cut(supportOf(inner(p)), ...boundsIn(p));
    const mass = (p: Params): Node => logMass(inner(p), ...boundsIn(p));
    const row: Dist = {
      name: "Truncated",
      doc: truncated.doc,
      source: truncated.source,
      forms: [{ params }],
      value: component.dist.value,
      rank: 0,
      support,
      supportKind: kindOf(support, params),
      discrete: component.dist.discrete,
      logProb: (x, p) => sub(logProbInside(inner(p), x), mass(p)),
      draw: component.dist.discrete
        ? {
            kind: "opaque",
            sample: ({ site, axes, shape }, p) => drawn(inner(p), noise("uniform", site, axes, shape), p),
          }
        : { kind: "pathwise", noise: "uniform", from: (u, p) => implicit(instance(row, 0, p), drawn(inner(p), u, p)) },
      logCdf: (x, p) => sub(logMass(inner(p), boundsIn(p)[0], x), mass(p)),
      logCcdf: (x, p) =>
        sub(logMass(inner(p), component.dist.discrete ? add(x, scalar(1)) : x, boundsIn(p)[1]), mass(p)),
    };
    return row;
  },
};

/** x with F(x) = F(lower) + u (F(upper) - F(lower)), which is also S(x) = S(upper) + (1 - u) (S(lower) - S(upper)). */
function drawn(d: Instance, u: Node, p: Params): Node {
  const [lower, upper] = boundsIn(p);
  const mass = logMass(d, lower, upper);
  const outside: Tails = {
    below: lower === null ? scalar(-Infinity) : tailsAt(d, beforeLower(d, lower)).below,
    above: upper === null ? scalar(-Infinity) : tailsAt(d, upToUpper(d, upper)).above,
  };
  const x = quantile(d, {
    below: logSumExp([outside.below, add(log(u), mass)]),
    above: logSumExp([outside.above, add(log1p(neg(u)), mass)]),
  });
  return clamp(x, lower, upper);
}
