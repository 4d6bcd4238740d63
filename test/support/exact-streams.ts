// The draws of estimators that read noise of their own, listed exactly: races, and uniforms cut where a label changes. Between the cuts an estimate
// is linear in each uniform, so that the middle of a piece stands for it.

import { wonBy, type Law, type Listing, type Weighted } from "./exact-elbo.ts";
import type { Stream } from "./exact-replicates.ts";

const probabilities = (law: Law): readonly number[] => {
  if ("prob" in law) return law.prob;
  throw new Error("only listed values are cut");
};

/** One race, as every straight-through and baseline-free row draws it. */
const raced: Listing = (_variable, law) =>
  probabilities(law).map((p, state) => ({
    at: state,
    base: wonBy(state, probabilities(law).length),
    weight: p,
    logq: Math.log(p),
  }));

type Piece = { readonly middle: number; readonly width: number };

/** (0, 1) cut at p and 1 - p. */
function pieces(p: number): readonly Piece[] {
  const cuts = [0, Math.min(p, 1 - p), Math.max(p, 1 - p), 1];
  return [0, 1, 2].map((i) => ({ middle: (cuts[i]! + cuts[i + 1]!) / 2, width: cuts[i + 1]! - cuts[i]! }));
}

/** A Boolean that is true where u lies below its probability; `base`: the stream's numbers at u. */
const cut =
  (base: (u: number) => readonly number[]): Listing =>
  (_variable, law) => {
    const [no, yes] = probabilities(law) as [number, number];
    return pieces(yes).map(({ middle, width }) => ({
      at: middle < yes ? 1 : 0,
      base: base(middle),
      weight: width,
      logq: Math.log(middle < yes ? yes : no),
    }));
  };

/** Dirichlet noise (1 - u, u) of two states as uniforms: state 1 wins where u is below its probability. */
const ofDirichlet = (u: number): readonly number[] => [Math.exp(-(1 - u)), Math.exp(-u)];

/** Sticks: state i ends the run where u_i lies below p_i / (p_i + … + p_last). */
const sticks: Listing = (_variable, law) => {
  const prob = probabilities(law);
  if (prob.length === 0) return [];
  const chance = prob.slice(0, -1).map((p, i) => p / prob.slice(i).reduce((a, b) => a + b, 0));
  const all = chance.reduce<readonly { readonly u: readonly number[]; readonly weight: number }[]>(
    (before, p) =>
      before.flatMap(({ u, weight }) =>
        pieces(p).map(({ middle, width }) => ({ u: [...u, middle], weight: weight * width })),
      ),
    [{ u: [], weight: 1 }],
  );
  return all.map(({ u, weight }): Weighted => {
    const broken = u.findIndex((x, i) => x < chance[i]!);
    const at = broken < 0 ? prob.length - 1 : broken;
    return { at, base: u, weight, logq: Math.log(prob[at]!) };
  });
};

const STREAMS: Readonly<Record<string, { readonly binary: boolean; readonly stream: Stream }>> = {
  arm: { binary: true, stream: { tag: "arm", list: cut((u) => [u]) } },
  disarm: { binary: false, stream: { tag: "sticks", list: sticks } },
  ar: { binary: true, stream: { tag: "race", list: cut(ofDirichlet) } },
  arsm: { binary: true, stream: { tag: "race", list: cut(ofDirichlet) } },
  "arsm+": { binary: true, stream: { tag: "race", list: cut(ofDirichlet) } },
  st: { binary: false, stream: { tag: "race", list: raced } },
  reinmax: { binary: false, stream: { tag: "race", list: raced } },
  "reinmax-rk2": { binary: false, stream: { tag: "race", list: raced } },
};

/** Rows that draw as the guide does: their noise is listed without a stream of their own. */
const PLAIN: readonly string[] = ["path", "total", "score", "ema", "loo", "vargrad", "vimco", "dreg"];

/** The stream of an estimator at a site of so many states; undefined: the guide's own; null: its noise cannot be listed. */
export function streamOf(estimator: string, states: number | null): Stream | undefined | null {
  const name = estimator.replace(/\(.*/, "");
  if (PLAIN.includes(name)) return undefined;
  const found = STREAMS[name];
  return found === undefined || (found.binary && states !== 2) ? null : found.stream;
}
