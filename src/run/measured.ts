// The policy "measured": of each site's audit the estimator with the least error × cost, and the words that say so.

import type { Measured } from "../estimator/choose.ts";
import { ice } from "../base/ice.ts";
import type { Candidate, Measurement, SiteAudit } from "./gradients.ts";

/** Within this factor two products count as equal: the clock is no sharper. The default is then taken, else the first
 *  of the table. */
const TIE = 1.5;
/** Errors below this share of the gradient's squared length are rounding. */
const ROUNDING = 1e-12;

type Measure = { readonly candidate: Candidate; readonly measured: Measurement; readonly product: number };

/** What is best of each site with more than one candidate. */
export const bestOf = (sites: readonly SiteAudit[]): ReadonlyMap<string, Measured> =>
  new Map(
    sites.flatMap((site) => {
      const found = bestOfSite(site);
      return found === null ? [] : [[site.site, found] as const];
    }),
  );

function bestOfSite({ candidates, units }: SiteAudit): Measured | null {
  const measures = candidates.flatMap((candidate) => measureOf(candidate, units));
  if (measures.length < 2) return null;
  const least = measures.reduce((min, { product }) => Math.min(min, product), Infinity);
  const tied = measures.filter(({ product }) => product <= TIE * least);
  const best = tied.find(({ candidate }) => candidate.chosen) ?? tied[0] ?? ice("no measurement is the least");
  const { estimator, options } = best.candidate;
  const others = measures.filter((one) => one !== best);
  return {
    wish: { name: estimator.name, options },
    reason: `measured: ${words(best)}, ${standing(best, others, tied.length - 1)}`,
    others: Object.fromEntries(
      others.map((one) => [
        one.candidate.estimator.name,
        `measured: ${words(one)}, ${times(one.product / best.product)} the error × cost`,
      ]),
    ),
  };
}

/** A biased estimator whose bias nothing could tell is no candidate. */
function measureOf(candidate: Candidate, units: Float64Array): readonly Measure[] {
  const { measured, estimator } = candidate;
  if (measured === null || (estimator.bias !== "none" && measured.bias === null)) return [];
  const rounding =
    ROUNDING * measured.mean.reduce((sum, g, i) => sum + (g * (units[i] as number)) ** 2, Number.MIN_VALUE);
  const product = Math.max(measured.error.value, rounding) * measured.microseconds;
  return Number.isFinite(product) ? [{ candidate, measured, product }] : [];
}

const words = ({ measured: { error, microseconds } }: Measure): string =>
  `error ${short(error.value)} ± ${short(error.se)} at ${Math.round(microseconds)} µs per step`;

function standing(best: Measure, others: readonly Measure[], ties: number): string {
  const next = others.reduce((min, { product }) => Math.min(min, product), Infinity) / best.product;
  if (ties > 0)
    return `not told apart from ${ties} other${ties === 1 ? "" : "s"} in error × cost${best.candidate.chosen ? ", and the default" : ""}`;
  return `the least error × cost; the next has ${times(next)} as much`;
}

const short = (x: number): string => (x === 0 ? "0" : x.toPrecision(2).replace(/e\+?/, "e"));
const times = (factor: number): string => (factor < 100 ? `${factor.toPrecision(2)} times` : "over 100 times");
