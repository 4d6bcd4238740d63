// The choice of an estimator for a site: the user's wish, else the default rules of design.md section 3, with the reason and every alternative.

import type { Estimator, EstimatorOptions, Facts, Refusal, Site } from "./estimator.ts";
import { estimators } from "./index.ts";

export type Wish = { readonly name: string; readonly options: EstimatorOptions };

export type Chosen = {
  readonly estimator: Estimator;
  readonly options: EstimatorOptions;
  readonly reason: string;
  readonly rejected: readonly { readonly estimator: string; readonly reason: string }[];
  readonly advice: string | null;
};

/** The reason of every choice that was a wish. */
export const ASKED_FOR = "asked for by the user";

/** A wish that cannot be granted. */
export type Refused = { readonly wish: Wish; readonly refusal: Refusal };

export function chooseEstimator(site: Site, facts: Facts, wish: Wish | null): Chosen | Refused {
  const verdicts = estimators.map((estimator) => ({ estimator, refusal: estimator.refuses(site, facts, optionsFor(estimator, wish)) }));
  const picked = wish === null ? byDefault(site, facts) : byWish(wish, verdicts);
  if ("refusal" in picked) return picked;
  return {
    ...picked,
    rejected: verdicts
      .filter(({ estimator }) => estimator !== picked.estimator)
      .map(({ estimator, refusal }) => ({ estimator: estimator.name, reason: refusal === null ? estimator.notFirst : `not possible: ${refusal.reason}` })),
  };
}

type Verdict = { readonly estimator: Estimator; readonly refusal: Refusal | null };
type Picked = Omit<Chosen, "rejected">;

const optionsFor = (estimator: Estimator, wish: Wish | null): EstimatorOptions => (wish?.name === estimator.name ? wish.options : {});

function byWish(wish: Wish, verdicts: readonly Verdict[]): Picked | Refused {
  const found = verdicts.find(({ estimator }) => estimator.name === wish.name);
  if (found === undefined) {
    const names = estimators.map((e) => e.name).join(", ");
    return { wish, refusal: { reason: `there is no estimator of this name`, hint: `the estimators are ${names}` } };
  }
  const unknown = Object.keys(wish.options).find((name) => !(name in found.estimator.options));
  if (unknown !== undefined) {
    return { wish, refusal: { reason: `it has no option \`${unknown}\``, hint: optionsHint(found.estimator) } };
  }
  if (found.refusal !== null) return { wish, refusal: found.refusal };
  return { estimator: found.estimator, options: wish.options, reason: ASKED_FOR, advice: null };
}

const optionsHint = (estimator: Estimator): string => {
  const names = Object.keys(estimator.options);
  return names.length === 0 ? `${estimator.name} takes no options` : `its options are ${names.join(", ")}`;
};

type Default = { readonly name: string; readonly options: EstimatorOptions; readonly because: (site: Site) => string };

/** Path derivative where the draw is smooth, component by component for a mixture; the sum over states where they can be listed one member at a time; else leave-one-out. */
const DEFAULT_ORDER: readonly Default[] = [
  {
    name: "path", options: {},
    because: () => "the draw is a smooth map of noise: the gradient follows it, and the score of log q, zero on average, is left out",
  },
  {
    name: "path", options: { weight: "total" },
    because: () => "the draw is a smooth map of noise, and the guide's support moves with its parameters: the score of log q is not zero on " +
      "average and stays in",
  },
  {
    name: "stratified", options: {},
    because: () => "every component is drawn and weighted by its probability: no noise from the choice between them",
  },
  {
    name: "enumerate", options: {},
    because: (site) => `its ${site.states?.count ?? 0} states are summed exactly, member by member: no noise from this site`,
  },
  {
    name: "loo", options: {},
    because: () => "neither a smooth draw nor a sum over states is possible: the log probability is credited with the terms below, " +
      "less the mean of the other draws",
  },
  {
    name: "score", options: {},
    because: () => "neither a smooth draw nor a sum over states is possible, and one draw leaves nothing to compare with",
  },
];

function byDefault(site: Site, facts: Facts): Picked | Refused {
  for (const { name, options, because } of DEFAULT_ORDER) {
    const estimator = estimators.find((e) => e.name === name);
    if (estimator !== undefined && estimator.refuses(site, facts, options) === null) return { estimator, options, reason: because(site), advice: null };
  }
  return { wish: { name: "every estimator", options: {} }, refusal: { reason: "none admits this site", hint: "use another guide for it" } };
}

/** `loo`, `path(weight=total)`: as written on the command line. Null: not of that form. */
export function parseWish(text: string): Wish | null {
  const match = /^\s*([\w+-]+)\s*(?:\((.*)\))?\s*$/.exec(text);
  if (match === null) return null;
  const entries = (match[2] ?? "").split(",").filter((part) => part.trim() !== "").map((part) => part.split("="));
  if (entries.some((entry) => entry.length !== 2)) return null;
  return { name: match[1] as string, options: Object.fromEntries(entries.map(([k, v]) => [k?.trim() ?? "", optionValue(v ?? "")])) };
}

function optionValue(text: string): string | number | boolean {
  const bare = text.trim().replace(/^"(.*)"$/, "$1");
  if (bare === "true" || bare === "false") return bare === "true";
  return bare !== "" && Number.isFinite(Number(bare)) ? Number(bare) : bare;
}
