// Bounds from several draws: log of the mean of w^(1 - alpha) over the particles, divided by 1 - alpha, where w = p /
// q. alpha = 0 is the importance weighted bound. Plates that all latent sites share stay outside the logarithm: there
// each member has its own weights.

import {
  add,
  addAll,
  axisSize,
  div,
  equal,
  exp,
  iota,
  log,
  logAddExp,
  lseAxis,
  mul,
  rename,
  scalar,
  select,
  stop,
  sub,
  sumAxis,
  through,
} from "../op/index.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { substitute } from "../pass/substitute.ts";
import type { Cost } from "../estimator/estimator.ts";
import { replacing } from "./credit.ts";
import { hasSurrogate, logWeights, surrogatesOf } from "./elbo.ts";
import { averagesOf } from "./learning.ts";
import type { Objective, ObjectiveRow } from "./objective.ts";
import { sumPlates, type Reduction } from "./reduce.ts";
import { routes } from "./routes.ts";
import { OTHER_PARTICLE, PARTICLE, type PlacedSite, type Term } from "./term.ts";

/** What the terms come to: log w on the local plates and the particles, and what no draw changes. */
type Weights = { readonly local: readonly Axis[]; readonly logw: Node; readonly outside: Node };

const depends = (node: Node, sites: readonly PlacedSite[]): boolean =>
  sites.some(({ value }) => dependsOn(node, value));

/** Plates that every latent site has, and along which every term reads its own member alone. */
export function localPlates(terms: readonly Term[], sites: readonly PlacedSite[]): readonly Axis[] {
  const [first, ...others] = sites;
  const shared = (first?.site.plates ?? []).filter((plate) => others.every(({ site }) => site.plates.includes(plate)));
  const dependent = terms.filter((term) => depends(term.node, sites));
  return shared.filter((plate) =>
    dependent.every(
      (term) =>
        term.plates.includes(plate) &&
        sites.every(({ value }) => routes(term.node, value, plate).every((route) => route.kind === "same")),
    ),
  );
}

function weightsOf(terms: readonly Term[], r: Reduction): Weights {
  const local = localPlates(terms, r.sites);
  const inside = terms.filter((term) => depends(term.node, r.sites));
  const sum = (of: readonly Term[], keep: readonly Axis[]): Node =>
    addAll([scalar(0), ...of.map((t) => sumPlates(t.node, t.plates, keep, r))]);
  return {
    local,
    logw: sum(inside, local),
    outside: sum(
      terms.filter((term) => !inside.includes(term)),
      [],
    ),
  };
}

/** Far below every log weight, and yet a number: nothing is subtracted from infinity. */
const NOTHING = -1e300;

/** Of each particle: `fold` over the log weights of the others. */
function overOthers(logw: Node, fold: (others: Node, axis: Axis) => Node, itself: number): Node {
  const same = equal(iota(PARTICLE), iota(OTHER_PARTICLE));
  return fold(select(same, scalar(itself), rename(onParticles(logw), PARTICLE, OTHER_PARTICLE)), OTHER_PARTICLE);
}

/** A node that all particles share, written out along them. */
const onParticles = (node: Node): Node =>
  node.axes.includes(PARTICLE) ? node : add(node, mul(scalar(0), iota(PARTICLE)));

export function severalDraws(terms: readonly Term[], leaves: readonly Node[], r: Reduction, alpha: number): Objective {
  const { local, logw: weights, outside } = weightsOf(terms, r);
  const logw = onParticles(weights);
  const power = 1 - alpha;
  const boundOf = (x: Node): Node =>
    div(sub(lseAxis(mul(scalar(power), x), PARTICLE), log(axisSize(PARTICLE))), scalar(power));
  const share = stop(exp(sub(mul(scalar(power), logw), lseAxis(mul(scalar(power), logw), PARTICLE))));
  const whole = (x: Node): Node => add(sumPlates(x, local, [], r), outside);
  const bound = boundOf(logw);
  // Terms see the value with its cotangents weighted, later sites the raw one: each path is weighted once, also in
  // hierarchies.
  const seen = new Map(
    r.sites.flatMap(({ placed: { pathWeight }, value }) =>
      pathWeight === undefined
        ? []
        : [[value, through(value, mul(stop(pathWeight(share, scalar(alpha))), value))] as const],
    ),
  );
  const costOf = costIn({ logw, local, power, bound }, leaves, r);
  const credited = r.sites.filter(hasSurrogate).map((target) => ({ target, cost: costOf(target) }));
  const surrogates = credited.flatMap(({ target, cost }) =>
    surrogatesOf(target, cost).map(({ node, plates }) => sumAxis(sumPlates(node, plates, [], r), PARTICLE)),
  );
  const climbed = seen.size === 0 ? bound : boundOf(substitute(logw, seen));
  return {
    perDraw: logWeights(terms, r),
    bound: whole(bound),
    root: addAll([whole(climbed), ...surrogates]),
    learning: credited.flatMap(({ target, cost }) => averagesOf(target, cost)),
  };
}

type Inside = { readonly logw: Node; readonly local: readonly Axis[]; readonly power: number; readonly bound: Node };

/** The bound as a function of one particle's draw, the others held. A site whose plates are not local is credited with
 *  the whole. */
function costIn(
  { logw, local, power, bound }: Inside,
  leaves: readonly Node[],
  r: Reduction,
): (target: PlacedSite) => Cost {
  const scaled = mul(scalar(power), stop(logw));
  const rest = overOthers(scaled, lseAxis, NOTHING);
  const with1 = (own: Node): Node =>
    div(sub(logAddExp(rest, mul(scalar(power), own)), log(axisSize(PARTICLE))), scalar(power));
  const at = (target: PlacedSite, value: Node): Node =>
    with1(substitute(logw, replacing(target, value, leaves, r.sites)));
  return (target) => ({
    here: bound,
    at: (value) => at(target, value),
    whole: (value) => sumPlates(at(target, value), local, [], r),
    baseline: () => with1(div(overOthers(stop(logw), sumAxis, 0), add(axisSize(PARTICLE), scalar(-1)))),
  });
}

const row = (name: "iwae" | "renyi", doc: string, source: string): ObjectiveRow => ({
  name,
  doc,
  source,
  linear: (particles) => particles === 1,
  keepsScore: (particles) => particles > 1,
  least: 1,
  build: severalDraws,
});

export const iwaeRow = row(
  "iwae",
  "E log mean_k w_k with w = p / q: tighter than the ELBO, and tighter with more particles. Plates common to all latent sites stay outside the logarithm.",
  "Burda, Grosse, Salakhutdinov 2016, Importance weighted autoencoders, eq. 8",
);

export const renyiRow = row(
  "renyi",
  "E log mean_k w_k^(1 - α) / (1 - α): α = 0 is iwae, α near 1 the ELBO. Below 0 it leans towards the largest weight and is no lower bound: wide guides climb past the evidence.",
  "Li, Turner 2016, Rényi divergence variational inference, eq. 5 and 12",
);
