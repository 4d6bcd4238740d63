// Refusals that several estimators share, each with the reason that people read.

import type { EstimatorOptions, Facts, Refusal, Site } from "./estimator.ts";

type Rule = (site: Site, facts: Facts, options: EstimatorOptions) => Refusal | null;

/** The first that refuses. */
export const firstOf =
  (...rules: readonly Rule[]): Rule =>
  (site, facts, options) => {
    for (const rule of rules) {
      const refusal = rule(site, facts, options);
      if (refusal !== null) return refusal;
    }
    return null;
  };

/** The score family differentiates a density, not its boundary. */
export const unlessSupportFixed: Rule = (site) =>
  site.supportMoves
    ? {
        reason: "the guide's support moves with its parameters, so the derivative of its density misses the boundary",
        hint: "use total, or a guide whose support is fixed",
      }
    : null;

export const unlessListed: Rule = (site) =>
  site.states === null
    ? { reason: "its values cannot be listed", hint: "use path for a smooth draw, loo for another" }
    : null;

export const unlessBinary: Rule = (site, facts, options) =>
  unlessListed(site, facts, options) ??
  (site.states?.count === 2
    ? null
    : { reason: `it has ${site.states?.count ?? 0} states, not two`, hint: "use arsm or loo" });

export const unlessContinuousPath: Rule = (site) =>
  site.path !== null
    ? null
    : {
        reason:
          site.states === null
            ? "the guide's draw does not move smoothly with its parameters"
            : "a discrete value does not move smoothly with the guide's parameters",
        hint: site.states === null ? "use loo" : "use reinmax-rao, arsm, enumerate or loo",
      };

/** Straight-through methods differentiate the cost in the one-hot value. */
export const unlessSmooth: Rule = (_site, { rough }) =>
  rough.length === 0
    ? null
    : {
        reason: `${rough.join(" and ")} ${rough.length === 1 ? "has" : "have"} no derivative in the value: it is used as a number there`,
        hint: "use arsm or loo",
      };

/** Swaps and conditional noise assume that members are drawn independently of each other given what is above. */
export const unlessIndependentMembers: Rule = (site) =>
  site.sequential
    ? {
        reason: "the guide carries the site from step to step: other values of all steps at once are no draw from it",
        hint: "use loo, or a guide that is mean-field in time",
      }
    : null;

export const unlessLinear: Rule = (_site, { linear, objective }) =>
  linear
    ? null
    : { reason: `the objective ${objective} takes a logarithm of a mean over draws`, hint: "use --objective elbo" };

export const onlyBounds: Rule = (_site, { linear, objective }) =>
  linear
    ? {
        reason: `meant for a bound of several draws; the objective is ${objective}, with one term per draw`,
        hint: "use --objective iwae --particles 2 or more",
      }
    : null;

export const unlessParticles: Rule = (_site, { particles }) =>
  particles >= 2
    ? null
    : {
        reason: "its baseline is made of the other particles, and there is only one particle",
        hint: "use --particles 2 or more",
      };

export const unlessNumber =
  (name: string, holds: (x: number) => boolean, what: string): Rule =>
  (_site, _facts, options) => {
    const value = options[name];
    return value === undefined || (typeof value === "number" && holds(value))
      ? null
      : { reason: `its option ${name} = ${String(value)} is not ${what}`, hint: `leave ${name} out for the default` };
  };

/** The share of the distance that a moving average goes per step. */
export const unlessRate: Rule = unlessNumber("rate", (x) => x > 0 && x < 1, "between 0 and 1");

export const unlessTemperature: Rule = unlessNumber("temperature", (t) => t > 0, "a positive number");
