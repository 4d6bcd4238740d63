// OrderedLogistic(eta, cuts), OrderedProbit(eta, cuts): categories in an order, cut from a latent number.

import type { Node } from "../ir/node.ts";
import {
  add,
  concat,
  expand,
  less,
  log1mExp,
  logNormalCdf,
  logSigmoid,
  neg,
  pick,
  scalar,
  select,
  sub,
} from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { realParam } from "./parameter.ts";

const last = (x: Node): number => x.shape.length - 1;

/** log(e^a - e^b), a >= b; -inf where they are equal, without NaN in the gradient. */
function logDifference(a: Node, b: Node): Node {
  const some = less(b, a);
  return select(some, add(a, log1mExp(select(some, sub(b, a), scalar(-1)))), scalar(-Infinity));
}

/** log P(category k) = log(F(cut_k - eta) - F(cut_{k-1} - eta)), cuts -inf and inf at the ends, from log F. Of the two
 *  tails the smaller is subtracted in, as 1 - F(t) = F(-t). */
function logProbabilities({ eta, cuts }: Params, logF: (t: Node) => Node): Node {
  const t = sub(
    cuts,
    expand(
      eta,
      cuts.shape,
      eta.shape.map((_, d) => d),
    ),
  );
  const ends = (x: number): Node => expand(scalar(x), [...t.shape.slice(0, -1), 1], []);
  const [from, to] = [concat([ends(-Infinity), t], last(t)), concat([t, ends(Infinity)], last(t))];
  const isUpper = less(scalar(0), from); // both ends in the upper tail
  const [a, b] = [select(isUpper, neg(from), to), select(isUpper, neg(to), from)];
  return logDifference(logF(a), logF(b));
}

type Latent = { readonly name: string; readonly of: string; readonly source: string; readonly logF: (t: Node) => Node };

const orderedBy = ({ name, of, source, logF }: Latent): Dist => ({
  name,
  doc:
    `Category k if a ${of} number around \`eta\` lies between cuts k - 1 and k: one category more than there are ` +
    "cuts. Cuts may be infinite.",
  source,
  forms: [
    {
      params: [
        realParam("eta", "centre of the latent number"),
        { name: "cuts", rank: 1, support: "increasing", doc: "increasing; those at the ends may be infinite" },
      ],
    },
  ],
  value: "index",
  rank: 0,
  support: (p) => ({ kind: "category", count: p.cuts.shape[last(p.cuts)] + 1 }),
  supportKind: "category",
  discrete: true,
  logProb: (x, p) => pick(x, logProbabilities(p, logF)),
  draw: { kind: "finite", logits: (p) => logProbabilities(p, logF) },
});

const mccullagh = "McCullagh 1980, Regression models for ordinal data, J. R. Statist. Soc. B 42";

export const orderedLogistic = orderedBy({
  name: "OrderedLogistic",
  of: "logistic",
  source: mccullagh,
  logF: logSigmoid,
});
export const orderedProbit = orderedBy({
  name: "OrderedProbit",
  of: "standard normal",
  source: mccullagh,
  logF: logNormalCdf,
});
