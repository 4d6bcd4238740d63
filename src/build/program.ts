// Model and guide to terms: every latent site gets a value from its guide, every statement its log density. One
// function builds all graphs of a model; a plan says how the Gaussian guide enters and which estimator places each
// other site.

import type { Report } from "../base/diagnostic.ts";
import { positionAt } from "../base/span.ts";
import type { Node } from "../ir/node.ts";
import type { Bound } from "../model/bound.ts";
import { isImputed } from "../model/imputed.ts";
import type { ObserveStmt, ParamStmt, ReportStmt, SampleStmt, Symbol } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import type { Conditional } from "../objective/marginal.ts";
import type { PlacedSite, Term } from "../objective/term.ts";
import { neg, scalar, sum } from "../op/index.ts";
import { builtDist, logProb } from "./distribution.ts";
import { evaluateArray } from "./expr.ts";
import { followsSlope } from "./family/index.ts";
import { isMembers, latentOf, settled, stateBefore } from "./latents.ts";
import { latentMembers } from "./missing-states.ts";
import { observedDensity } from "./missing.ts";
import { paramValue } from "./params.ts";
import { type Guarded, type ReadCheck, type Solution, createScope, dataGuard, flatten, guardNode } from "./scope.ts";
import { type Slope, slopeOf } from "./slope.ts";
import { type Latent, type Leaf, type Plan, type State, axesOf, contextOf, where } from "./state.ts";
import { stateCount, summedOut } from "./summed.ts";
import { noteArguments, noteObserved } from "./support-check.ts";
import type { Value } from "./value.ts";
import * as math from "../op/special/elementary.ts";

export type Observed = { readonly stmt: ObserveStmt; readonly guard: Node | null };

export type Reported = { readonly stmt: ReportStmt; readonly value: Node };

export type Program = {
  readonly terms: readonly Term[];
  /** Sites that were summed out, with what they are drawn from. */
  readonly conditionals: readonly Conditional[];
  readonly placed: readonly PlacedSite[];
  readonly latents: readonly Latent[];
  readonly leaves: readonly Leaf[];
  readonly reports: () => readonly Reported[];
  readonly checks: readonly ReadCheck[];
  /** Grows while values are built, reports included. */
  readonly solutions: readonly Solution[];
};

/** A block that moves along the slope of the log density is built twice: at a placeholder, which gives the slope, and
 *  then where it ends. Leaves, noise and marks are told apart by what they are, so that everything that does not depend
 *  on the block is the same node both times. */
export function buildProgram(bound: Bound, plan: Plan, report: Report): Program {
  const moving = plan.layout?.joint.find(({ family }) => followsSlope(family.name));
  if (moving === undefined) return assemble(bound, plan, null, report);
  const { terms, conditionals } = assemble(bound, plan, null, []);
  return assemble(
    bound,
    plan,
    slopeOf(moving, { terms, summed: conditionals.map(({ marginal }) => marginal) }),
    report,
  );
}

function assemble(bound: Bound, plan: Plan, slope: Slope | null, report: Report): Program {
  const { model } = bound;
  const supply = {
    site: (name: string): Value => latentOf(name, state).value,
    param: (stmt: ParamStmt): Value => paramValue(stmt, state),
    before: (site: Symbol, lag: number): Value | null => stateBefore(site, lag, state),
  };
  const statements = flatten(model.body);
  const observersOf = (symbol: Symbol): Guarded<ObserveStmt>[] =>
    statements.flatMap(({ stmt, guards }) =>
      stmt.kind === "observe" && observedRead(stmt.value).symbol === symbol ? [{ stmt, guards }] : [],
    );
  const state: State = {
    bound,
    plan,
    statements,
    scope: createScope(bound, model.base, [...model.body, ...model.guide], plan.batched, report, supply),
    written: new Map(
      flatten(model.guide).flatMap(({ stmt, guards }) =>
        stmt.kind === "sample" ? [[stmt.symbol.name, { stmt, guards }] as const] : [],
      ),
    ),
    missing: new Map(
      model.data
        .filter(({ symbol }) => isImputed(symbol, bound.arrays))
        .map(({ symbol }) => [symbol.name, { symbol, observers: observersOf(symbol) }]),
    ),
    latents: new Map(),
    placed: [],
    leaves: [],
    blocks: new Map(),
    marginals: [],
    slope,
    momenta: [],
    drafts: [],
    stepwise: new Map(),
    report,
  };
  for (const { stmt } of state.statements) if (stmt.kind === "param") state.scope.valueOf(stmt.symbol);
  for (const stmt of model.sites) latentOf(stmt.symbol.name, state);
  for (const latent of state.drafts) state.latents.set(latent.stmt.symbol.name, settled(latent, state));
  const ownTerms = [...state.statements.flatMap((guarded) => termsOf(guarded, state)), ...imputedTerms(state)];
  const { terms: modelTerms, conditionals } = summedOut(ownTerms, state);
  const guideTerms = state.placed.map(({ site, placed, value }): Term => ({
    name: `the guide of ${site.name}`,
    site: site.name,
    kind: "guide",
    plates: site.plates,
    span: site.span,
    node: where(
      memberPresence(site.name, state),
      neg((placed.logq ?? (state.plan.keepsScore ? site.guide : site.frozen).logProb)(value)),
    ),
  }));
  return {
    terms: [...modelTerms, ...state.momenta, ...guideTerms],
    conditionals,
    placed: state.placed,
    leaves: state.leaves,
    checks: state.scope.checks,
    solutions: state.scope.solutions,
    latents: model.sites.map((stmt) => latentOf(stmt.symbol.name, state)),
    reports: () => reportsOf(state),
  };
}

function termsOf({ stmt, guards }: Guarded, state: State): readonly Term[] {
  switch (stmt.kind) {
    case "sample":
      return sampleTerms(stmt, state);
    case "observe": {
      const guard = guardNode(guards, state.scope);
      const ctx = contextOf(state, dataGuard(guards, state.scope));
      const dist = builtDist(stmt.dist, ctx);
      noteObserved(stmt, dist, guards, ctx);
      const { node, plates } = observedDensity(stmt, dist, ctx);
      return [
        {
          name: `the likelihood of ${stmt.name}`,
          kind: "likelihood",
          node: where(guard, node),
          plates: axesOf(plates),
          span: stmt.span,
        },
      ];
    }
    case "factor": {
      const guard = guardNode(guards, state.scope);
      const node = sum(evaluateArray(stmt.value, contextOf(state, dataGuard(guards, state.scope))).node);
      return [
        {
          name: `the factor in line ${positionAt(stmt.span.source, stmt.span.start).line}`,
          kind: "factor",
          node: where(guard, node),
          plates: axesOf(stmt.plates),
          span: stmt.span,
        },
      ];
    }
    default:
      return [];
  }
}

/** The density of latent entries is that of the statements which observe their array; what is left is the change of
 *  scale, and that the states of an entry that is there are counted once. */
const imputedTerms = (state: State): readonly Term[] =>
  [...state.latents.values()].flatMap(({ stmt, jacobian, guide, model }): Term[] => {
    const { name } = stmt.symbol;
    const missing = state.missing.get(name);
    if (missing === undefined) return [];
    if (guide === "summed") {
      const there = state.scope.latentEntries(missing.symbol)!.reduce((total, latent) => total + 1 - latent, 0);
      return [
        {
          name: `the entries of ${name} that are there`,
          kind: "likelihood",
          node: scalar(-there * math.log(stateCount(model, state))),
          plates: [],
          span: stmt.span,
        },
      ];
    }
    return jacobian === null
      ? []
      : [{ name: `the Jacobian of ${name}`, kind: "jacobian", node: jacobian, plates: [], span: stmt.span }];
  });

function sampleTerms(stmt: SampleStmt, state: State): readonly Term[] {
  const latent = latentOf(stmt.symbol.name, state);
  const plates = axesOf(stmt.plates);
  const name = stmt.symbol.name;
  const values = latent.guide === "written" || latent.guide === "summed" ? "anywhere" : "inside";
  // The states of a member that does not exist add up to 1.
  const nothing = latent.guide === "summed" ? -math.log(stateCount(latent.model, state)) : 0;
  const within = (node: Node): Node => where(latent.present, node, nothing);
  noteArguments(stmt.dist, latent.model, latent.present, state.scope);
  const prior: Term = {
    name: `the prior of ${name}`,
    site: name,
    kind: "prior",
    node: within(logProb(latent.model, latent.value, values)),
    plates,
    span: stmt.span,
  };
  if (latent.jacobian === null) return [prior];
  return [
    prior,
    {
      name: `the Jacobian of ${name}`,
      site: name,
      kind: "jacobian",
      node: within(latent.jacobian),
      plates,
      span: stmt.span,
    },
  ];
}

function reportsOf(state: State): readonly Reported[] {
  return state.statements.flatMap(({ stmt, guards }) => {
    if (stmt.kind !== "report") return [];
    return [{ stmt, value: evaluateArray(stmt.value, contextOf(state, guardNode(guards, state.scope))).node }];
  });
}

/** Which members of a placed site exist. A joint block has coordinates only for those that do. */
function memberPresence(name: string, state: State): Node | null {
  if (state.blocks.has(name)) return null;
  const missing = state.missing.get(name);
  if (missing !== undefined) return isMembers(name, missing, state) ? latentMembers(missing.symbol, state.scope) : null;
  return state.latents.get(name)?.present ?? null;
}
