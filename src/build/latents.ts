// How a latent site comes to its value: by its kind, its guide and whether it reads what is placed after it.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { supportOf } from "../dist/instance.ts";
import { bijection } from "../dist/support.ts";
import type { SampleStmt, Symbol } from "../model/model.ts";
import { sum } from "../op/index.ts";
import { freeSite, gaussianSite, imputedMembers, imputedSite, pointSite, refuseSame } from "./automatic.ts";
import { type BuiltDist, builtDist } from "./distribution.ts";
import { freeGuide } from "./free-guide.ts";
import { hasStates } from "./missing-states.ts";
import { whyNotStepwise } from "./moving-support.ts";
import { sameGuide } from "./same-guide.ts";
import { limitsOf, siteValue } from "./site.ts";
import { type Latent, type Missing, type State, contextOf } from "./state.ts";
import { summedSite } from "./summed.ts";
import { draftScope } from "./trajectory.ts";
import type { Value } from "./value.ts";
import { writtenSite } from "./written.ts";

export function latentOf(name: string, state: State): Latent {
  const found = state.latents.get(name);
  if (found !== undefined) return found;
  const stmt = state.bound.model.sites.find((s) => s.symbol.name === name) ?? ice(`no site ${name}`);
  const missing = state.missing.get(name);
  if (missing !== undefined) {
    const latent = (isMembers(name, missing, state) ? imputedMembers : imputedSite)(stmt, missing, state);
    state.latents.set(name, latent);
    return latent;
  }
  const draft = draftScope(stmt, state.scope);
  const written = stmt.marginal ? undefined : state.written.get(name);
  const latent =
    written !== undefined && draft === null ? writtenSite(stmt, written, null, state) : draftedSite(stmt, draft, state);
  state.latents.set(name, latent);
  if (draft !== null || written !== undefined) state.drafts.push(latent);
  return latent;
}

/** A site by its distribution in the model, the steps of a scan standing in where they are read. */
function draftedSite(stmt: SampleStmt, draft: ReturnType<typeof draftScope>, state: State): Latent {
  const model = builtDist(stmt.dist, { ...contextOf(state, null), ...(draft === null ? {} : { scope: draft.scope }) });
  return makeLatent(stmt, model, draft !== null && limitsOf(model).some(draft.standsIn), state);
}

/** The support must be known where a value is placed, or the steps be taken one after the other. */
const refuseMovingSupport = ({ symbol, dist }: SampleStmt, why: string, { report }: State): void =>
  void report.push(
    diagnose(
      "PPL901",
      dist.span,
      { what: `a support of \`${symbol.name}\` that depends on the step before, ${why}` },
      {
        hint: "sample the differences, and add them up in a carried `let`",
      },
    ),
  );

/** `moves`: the ends of the support read the step before. */
function makeLatent(stmt: SampleStmt, model: BuiltDist, moves: boolean, state: State): Latent {
  if (stmt.marginal) return summedSite(stmt, model, state);
  const written = state.written.get(stmt.symbol.name);
  if (written !== undefined) return writtenSite(stmt, written, model, state);
  const free = freeGuide(model, state.scope);
  const alone = state.plan.alone(stmt.symbol.name);
  const why = !moves
    ? null
    : free !== null
      ? "of a discrete site"
      : alone !== null
        ? `under \`${alone}\``
        : whyNotStepwise(stmt, state.scope);
  if (why !== null) refuseMovingSupport(stmt, why, state);
  if (free !== null) return freeSite(stmt, model, free, state);
  const same = alone === "same" ? sameGuide(model) : null;
  if (same !== null) return freeSite(stmt, model, same, state);
  if (alone === "same") refuseSame(stmt, state);
  return alone === "delta" ? pointSite(stmt, model, state) : gaussianSite(stmt, model, moves && why === null, state);
}

export function stateBefore(symbol: Symbol, lag: number, state: State): Value | null {
  const latent = latentOf(symbol.name, state);
  const marginal = state.marginals.find((m) => m.name === symbol.name);
  if (marginal === undefined || marginal.chain === null) return null;
  if (lag > 1) {
    state.report.push(
      diagnose(
        "PPL412",
        marginal.span,
        {
          site: `\`${symbol.name}\``,
          reason: `it is read ${lag} steps before, and only the last step can be summed along`,
        },
        { hint: "without `@marginal` the site is sampled" },
      ),
    );
  }
  return siteValue(latent.model, marginal.chain.before);
}

/** A site whose distribution was only looked at, now that earlier steps have values. */
export function settled(latent: Latent, state: State): Latent {
  const model = builtDist(latent.stmt.dist, contextOf(state, null));
  const u = state.stepwise.get(latent.stmt.symbol.name);
  return {
    ...latent,
    model,
    jacobian: u === undefined ? latent.jacobian : sum(bijection(supportOf(model.instance)).logJacobian(u)),
  };
}

/** Are the latent entries members on the dims of their array, or one vector? */
export const isMembers = (name: string, { symbol }: Missing, { written }: State): boolean =>
  hasStates(symbol) || written.has(name);
