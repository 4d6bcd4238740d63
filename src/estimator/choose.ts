// The choice of an estimator for a site: the user's wish, else the default rules of design.md section 3, with the
// reason and every alternative.

import type { Estimator, EstimatorOptions, Facts, Refusal, Site } from "./estimator.ts";
import { ice } from "../base/ice.ts";
import { didYouMean } from "../base/suggest.ts";
import { estimators } from "./index.ts";

export type Wish = { readonly name: string; readonly options: EstimatorOptions };

export type Chosen = {
  readonly estimator: Estimator;
  readonly options: EstimatorOptions;
  readonly reason: string;
  readonly rejected: readonly { readonly estimator: string; readonly admitted: boolean; readonly reason: string }[];
  readonly advice: string | null;
};

/** "measured": as `auto`, then replaced by what was measured best; such choices come as `measured`. */
export type Policy = "auto" | "exact" | "measured";

/** The reason of every choice that was a wish. */
export const ASKED_FOR = "asked for by the user";

/** A wish that cannot be granted. */
export type Refused = { readonly wish: Wish; readonly refusal: Refusal };

/** What a measurement found best of a site, in words, and what it says of the others by name. */
export type Measured = {
  readonly wish: Wish;
  readonly reason: string;
  readonly others: Readonly<Record<string, string>>;
};

export function chooseEstimator(
  site: Site,
  facts: Facts,
  wish: Wish | null,
  policy: Policy = "auto",
  best: Measured | null = null,
): Chosen | Refused {
  const verdicts = estimators.map((estimator) => ({
    estimator,
    refusal: estimator.refuses(site, facts, optionsFor(estimator, wish ?? best?.wish ?? null)),
  }));
  const picked =
    wish !== null
      ? byWish(wish, verdicts, ASKED_FOR)
      : (byMeasurement(best, verdicts) ?? byDefault(site, facts, policy === "exact" ? EXACT : AUTO));
  if ("refusal" in picked) return picked;
  return {
    ...picked,
    rejected: verdicts
      .filter(({ estimator }) => estimator !== picked.estimator)
      .map(({ estimator: { name, notFirst }, refusal }) => ({
        estimator: name,
        admitted: refusal === null,
        reason: refusal === null ? (best?.others[name] ?? notFirst) : `not possible: ${refusal.reason}`,
      })),
  };
}

/** Null where nothing was measured, or what was best has been refused since: another site below has another estimator
 *  now. */
function byMeasurement(best: Measured | null, verdicts: readonly Verdict[]): Picked | null {
  const picked = best === null ? null : byWish(best.wish, verdicts, best.reason);
  return picked === null || "refusal" in picked ? null : picked;
}

type Verdict = { readonly estimator: Estimator; readonly refusal: Refusal | null };
type Picked = Omit<Chosen, "rejected">;

const optionsFor = (estimator: Estimator, wish: Wish | null): EstimatorOptions =>
  wish?.name === estimator.name ? wish.options : {};

function byWish(wish: Wish, verdicts: readonly Verdict[], reason: string): Picked | Refused {
  const found = verdicts.find(({ estimator }) => estimator.name === wish.name);
  if (found === undefined) {
    const names = estimators.map((e) => e.name);
    return {
      wish,
      refusal: {
        reason: `there is no estimator of this name`,
        hint: didYouMean(wish.name, names) ?? `the estimators are ${names.join(", ")}`,
      },
    };
  }
  const unknown = Object.keys(wish.options).find((name) => !(name in found.estimator.options));
  if (unknown !== undefined) {
    return { wish, refusal: { reason: `it has no option \`${unknown}\``, hint: optionsHint(found.estimator) } };
  }
  if (found.refusal !== null) return { wish, refusal: found.refusal };
  return { estimator: found.estimator, options: wish.options, reason, advice: null };
}

const optionsHint = (estimator: Estimator): string => {
  const names = Object.keys(estimator.options);
  return names.length === 0 ? `${estimator.name} takes no options` : `its options are ${names.join(", ")}`;
};

// ---------------------------------------------------------------------------------------- the default rules

type Default = {
  readonly name: string;
  readonly options?: EstimatorOptions;
  readonly because: (site: Site, facts: Facts) => string;
};

const BOUNDARY =
  "the guide's support moves with its parameters: the score of log q is not zero on average and stays in";

/** The first that admits the site (design.md, section 3). */
const AUTO: readonly Default[] = [
  {
    name: "dreg",
    because: () =>
      "a smooth draw under a bound of several draws: each path with its weight squared stands for the score of log q, without bias",
  },
  {
    name: "stratified",
    because: () => "the guide is a mixture: its components are summed out, and each is followed along its path",
  },
  {
    name: "path",
    because: () =>
      "the draw is a smooth map of noise: the gradient follows it, and the score of log q, zero on average, is left out",
  },
  {
    name: "implicit",
    because: () =>
      "the sampler has a derivative in its parameters: the gradient follows the draw, and the score of log q, zero on average, is left out",
  },
  {
    name: "implicit",
    options: { weight: 0 },
    because: (_site, { linear }) => (linear ? BOUNDARY : "the score of log q has the draws' weights as factors"),
  },
  {
    name: "total",
    because: (_site, { linear }) =>
      linear ? BOUNDARY : "the score of log q has the draws' weights as factors and stays in",
  },
  {
    name: "reinmax-rao",
    because: ({ states }) =>
      `${states?.count ?? 0} states, and the cost has a derivative in the one-hot value: it is followed, to second order and averaged over the noise`,
  },
  {
    name: "arsm",
    because: ({ states }, { rough }) =>
      `${states?.count ?? 0} states, and ${rough.join(" and ") || "the cost"} has no derivative in the value: states are swapped and their costs compared, without bias`,
  },
  {
    name: "loo",
    because: () =>
      "neither a smooth draw nor a short list of values: the log probability is credited with the terms below, less the mean of the other draws",
  },
  {
    name: "vimco",
    because: () =>
      "neither a smooth draw nor a short list of values: the log probability is credited with the bound, less what it would be without this draw",
  },
  {
    name: "score",
    because: () => "neither a smooth draw nor a short list of values, and one draw leaves nothing to compare with",
  },
];

/** Swapping evaluates every pair of states: of long lists the cost is sampled instead. */
const MOST_SWAPPED = 24;

const EXACT: readonly Default[] = [
  {
    name: "enumerate",
    because: (site) =>
      `its ${site.states?.count ?? 0} states are summed exactly, member by member: no noise from this site`,
  },
  ...AUTO,
];

function byDefault(site: Site, facts: Facts, order: readonly Default[]): Picked | Refused {
  for (const { name, options = {}, because } of order) {
    if (name === "arsm" && (site.states?.count ?? 0) > MOST_SWAPPED) continue;
    const estimator = named(name);
    if (estimator.refuses(site, facts, options) === null) {
      return { estimator, options, reason: because(site, facts), advice: adviceFor(estimator, site, facts) };
    }
  }
  return {
    wish: { name: "every estimator", options: {} },
    refusal: { reason: "none admits this site", hint: "use another guide for it" },
  };
}

const named = (name: string): Estimator => estimators.find((e) => e.name === name) ?? ice(`no estimator ${name}`);

/** States from which on the averaged form is worth its bias (discrete_estimators, section 12.3). */
const MANY_STATES = 16;

/** Where another choice beats the default. */
function adviceFor({ name }: Estimator, site: Site, facts: Facts): string | null {
  if (name !== "reinmax-rao" && name !== "arsm") return null;
  const count = site.states?.count ?? 0;
  if (named("enumerate").refuses(site, facts, {}) === null) {
    return `its ${count} states can be summed exactly, member by member, at ${count} evaluations: --policy exact, or @estimator(enumerate)`;
  }
  if (name === "reinmax-rao" && !facts.linear) {
    return "under a bound of several draws the cost bends between states, and following it has no small bias; vimco and arsm have none: @estimator(vimco)";
  }
  if (name === "reinmax-rao" && count < MANY_STATES) {
    return "with so few states reinmax has less bias at the same price: @estimator(reinmax)";
  }
  if (name === "arsm" && count > 2 && facts.linear) {
    const evaluations = (count * (count - 1)) / 2 + 1;
    return `as many draws as it takes evaluations were less noisy wherever it was measured: @estimator(loo) with --particles ${evaluations}`;
  }
  return null;
}

/** `loo`, `path(weight=0.5)`: as written on the command line. Null: not of that form. */
export function parseWish(text: string): Wish | null {
  const match = /^\s*([\w+-]+)\s*(?:\((.*)\))?\s*$/.exec(text);
  if (match === null) return null;
  const entries = (match[2] ?? "")
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => part.split("="));
  if (entries.some((entry) => entry.length !== 2)) return null;
  return {
    name: match[1] as string,
    options: Object.fromEntries(entries.map(([k, v]) => [k?.trim() ?? "", optionValue(v ?? "")])),
  };
}

function optionValue(text: string): string | number | boolean {
  const bare = text.trim().replace(/^"(.*)"$/, "$1");
  if (bare === "true" || bare === "false") return bare === "true";
  return bare !== "" && Number.isFinite(Number(bare)) ? Number(bare) : bare;
}
