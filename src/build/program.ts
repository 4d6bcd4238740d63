// Model and guide to terms: every latent site gets a value from its guide, every statement its log density. One function builds all graphs of a
// model; a plan says how the Gaussian guide enters and which estimator places each other site.

import { ice } from "../base/ice.ts";
import { diagnose, type Report } from "../base/diagnostic.ts";
import { positionAt, type Span } from "../base/span.ts";
import { bijection } from "../dist/support.ts";
import { oneHot } from "../dist/draw.ts";
import { distOf } from "../dist/index.ts";
import { instance, supportOf, type Instance } from "../dist/instance.ts";
import type { Support } from "../dist/dist.ts";
import type { Placed, Site } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import type { Bound } from "../model/bound.ts";
import { showFamily } from "../model/families.ts";
import { entrySymbol, isImputed } from "../model/imputed.ts";
import { observedRead } from "../model/observed.ts";
import { rowOf } from "../model/dist-row.ts";
import type { Bound as DeclaredBound, ObserveStmt, ParamStmt, PlateAxis, ReportStmt, SampleStmt, Symbol } from "../model/model.ts";
import { eliminate, type Chain, type Conditional, type Elimination, type Marginal } from "../objective/marginal.ts";
import type { PlacedSite, Term } from "../objective/term.ts";
import { everyState } from "../estimator/race.ts";
import { dependsOn } from "../ir/walk.ts";
import { PARTICLE } from "../objective/term.ts";
import { add, and, argmax, constant, exp, fill, gather, mark, neg, not, param, reshape, scalar, select, stop, sum } from "../op/index.ts";
import { builtDist, categories, logProb, type BuiltDist } from "./distribution.ts";
import { evaluate, evaluateArray, type Context } from "./expr.ts";
import { followsSlope, jointFamilies } from "./family/index.ts";
import { optionsOf } from "./family/family.ts";
import { sameGuide } from "./same-guide.ts";
import { placeholder, slopeOf, type Slope } from "./slope.ts";
import { freeGuide, listed, listedValue, type FreeGuide } from "./free-guide.ts";
import { coordinatesOf, flatSize, locName, logSdName, onPlates, type GaussianBlock, type GaussianRequest, type JointBlock, type Layout } from "./gaussian.ts";
import { observedDensity } from "./missing.ts";
import { stepwiseValue, whyNotStepwise } from "./moving-support.ts";
import { hasStates, latentMembers, refuseBatch, statesOf, withStates } from "./missing-states.ts";
import { coordinatesOfEntries, imputationOf, imputed } from "./missing-values.ts";
import { createScope, dataGuard, flatten, guardNode, maskNode, valuesOf, type Guarded, type ReadCheck, type Scope, type Solution } from "./scope.ts";
import { fullRankSite, jointSite, limitsOf, movesWith, sequenceSite, siteOf, siteValue, type SiteRequest } from "./site.ts";
import { stepsOf, type Steps } from "./sequential.ts";
import { draftScope } from "./trajectory.ts";
import { noteArguments, noteObserved } from "./support-check.ts";
import { arrayValue, type ArrayValue, type Value } from "./value.ts";

/** The leaf that holds all coordinates of the Gaussian guide when they are an input of the run: axes [particle], event [size]. */
export const COORDINATES = "%coordinates";

export type Plan = {
  /** "coordinates": the Gaussian sites' unconstrained values are an input; "leaves": they are drawn from parameters. */
  readonly gaussian: "coordinates" | "leaves";
  /** Null on the dry pass that finds the layout: each Gaussian site alone. */
  readonly layout: Layout | null;
  readonly place: (site: Site) => Placed;
  /** log q enters with live parameters where an estimator does not say otherwise. */
  readonly keepsScore: boolean;
  /** The family of a site that is guided alone (a point, or its own distribution); null: it has coordinates. */
  readonly alone: (site: string) => "delta" | "same" | null;
  readonly batched: ReadonlySet<Axis>;
};

/** A parameter of guide or model: flat, unconstrained. */
export type Leaf = {
  readonly name: string;
  readonly node: Node;
  readonly size: number;
  /** Data-only graph of the start values, flat. */
  readonly start: Node;
  /** The log-sd leaf in whose units a location moves. */
  readonly scaledBy: string | null;
  /** Some directions change nothing (the length of a vector of amplitudes). */
  readonly gauge: boolean;
  /** What an estimator learns: no part of the guide. */
  readonly learned: boolean;
  /** Set for a `param` of the model or of a guide that the user wrote: what it is on its own scale. */
  readonly param: { readonly symbol: ParamStmt["symbol"]; readonly value: Node; readonly plates: readonly PlateAxis[] } | null;
};

/** How a latent site came to its value: for the layout, for outputs, for `explain`. */
export type Latent = {
  readonly stmt: SampleStmt;
  readonly value: ArrayValue;
  readonly model: BuiltDist;
  readonly guide: "gaussian" | "joint" | "point" | "free" | "written" | "summed";
  /** Name of the guide's distribution, for people. */
  readonly guideName: string;
  readonly request: GaussianRequest | null;
  readonly jacobian: Node | null;
  /** 1 for members (of an array with missing entries: for entries) that the site has; null where it has all. */
  readonly present: Node | null;
};

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

/** An array of the data, with the statements that observe it. */
type Missing = { readonly symbol: Symbol; readonly observers: readonly Guarded<ObserveStmt>[] };

type State = {
  readonly bound: Bound;
  readonly plan: Plan;
  readonly scope: Scope;
  readonly statements: readonly Guarded[];
  readonly written: ReadonlyMap<string, Guarded<SampleStmt>>;
  readonly latents: Map<string, Latent>;
  /** Arrays with missing entries that are latent. */
  readonly missing: ReadonlyMap<string, Missing>;
  readonly placed: PlacedSite[];
  readonly leaves: Leaf[];
  readonly blocks: Map<string, Node>;
  readonly marginals: Marginal[];
  /** Null on the pass that finds it. */
  readonly slope: Slope | null;
  readonly momenta: Term[];
  /** Sites whose distribution may read values that are placed after them: steps of a scan, and sites that the guide draws in an order of its
   *  own. It is built once all values are there. */
  readonly drafts: Latent[];
  /** Unconstrained values of those whose support moves from step to step. */
  readonly stepwise: Map<string, Node>;
  readonly report: Report;
};

/** A block that moves along the slope of the log density is built twice: at a placeholder, which gives the slope, and then where it ends. Leaves,
 *  noise and marks are told apart by what they are, so that everything that does not depend on the block is the same node both times. */
export function buildProgram(bound: Bound, plan: Plan, report: Report): Program {
  const moving = plan.layout?.joint.find(({ family }) => followsSlope(family.name));
  if (moving === undefined) return assemble(bound, plan, null, report);
  const { terms, conditionals } = assemble(bound, plan, null, []);
  return assemble(bound, plan, slopeOf(moving, { terms, summed: conditionals.map(({ marginal }) => marginal) }), report);
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
    statements.flatMap(({ stmt, guards }) => (stmt.kind === "observe" && observedRead(stmt.value).symbol === symbol ? [{ stmt, guards }] : []));
  const state: State = {
    bound, plan, statements,
    scope: createScope(bound, model.base, [...model.body, ...model.guide], plan.batched, report, supply),
    written: new Map(flatten(model.guide).flatMap(({ stmt, guards }) => (stmt.kind === "sample" ? [[stmt.symbol.name, { stmt, guards }] as const] : []))),
    missing: new Map(model.data.filter(({ symbol }) => isImputed(symbol, bound.arrays)).map(({ symbol }) => [symbol.name, { symbol, observers: observersOf(symbol) }])),
    latents: new Map(), placed: [], leaves: [], blocks: new Map(), marginals: [], slope, momenta: [], drafts: [], stepwise: new Map(), report,
  };
  for (const { stmt } of state.statements) if (stmt.kind === "param") state.scope.valueOf(stmt.symbol);
  for (const stmt of model.sites) latentOf(stmt.symbol.name, state);
  for (const latent of state.drafts) state.latents.set(latent.stmt.symbol.name, settled(latent, state));
  const ownTerms = [...state.statements.flatMap((guarded) => termsOf(guarded, state)), ...imputedTerms(state)];
  const { terms: modelTerms, conditionals } = summedOut(ownTerms, state);
  const guideTerms = state.placed.map(({ site, placed, value }): Term => ({
    name: `the guide of ${site.name}`, site: site.name, kind: "guide", plates: site.plates, span: site.span,
    node: where(memberPresence(site.name, state), neg((placed.logq ?? (state.plan.keepsScore ? site.guide : site.frozen).logProb)(value))),
  }));
  return {
    terms: [...modelTerms, ...state.momenta, ...guideTerms], conditionals, placed: state.placed, leaves: state.leaves, checks: state.scope.checks, solutions: state.scope.solutions,
    latents: model.sites.map((stmt) => latentOf(stmt.symbol.name, state)),
    reports: () => reportsOf(state),
  };
}

// ---------------------------------------------------------------------------------------- terms

const axesOf = (plates: readonly PlateAxis[]): readonly Axis[] => plates.map((p) => p.axis);

const contextOf = (state: State, guard: Node | null): Context => ({ scope: state.scope, locals: new Map(), guard });

/** Terms of members for which a condition does not hold are left out by selection, never by a factor: 0 * NaN is NaN. */
const where = (guard: Node | null, node: Node, otherwise = 0): Node => (guard === null ? node : select(guard, node, scalar(otherwise)));

function termsOf({ stmt, guards }: Guarded, state: State): readonly Term[] {
  switch (stmt.kind) {
    case "sample": return sampleTerms(stmt, state);
    case "observe": {
      const guard = guardNode(guards, state.scope);
      const ctx = contextOf(state, dataGuard(guards, state.scope));
      const dist = builtDist(stmt.dist, ctx);
      noteObserved(stmt, dist, guards, ctx);
      const { node, plates } = observedDensity(stmt, dist, ctx);
      return [{ name: `the likelihood of ${stmt.name}`, kind: "likelihood", node: where(guard, node), plates: axesOf(plates), span: stmt.span }];
    }
    case "factor": {
      const guard = guardNode(guards, state.scope);
      const node = sum(evaluateArray(stmt.value, contextOf(state, dataGuard(guards, state.scope))).node);
      return [{ name: `the factor in line ${positionAt(stmt.span.source, stmt.span.start).line}`, kind: "factor", node: where(guard, node), plates: axesOf(stmt.plates), span: stmt.span }];
    }
    default: return [];
  }
}

/** The density of latent entries is that of the statements which observe their array; what is left is the change of scale, and that the
 *  states of an entry that is there are counted once. */
const imputedTerms = (state: State): readonly Term[] => [...state.latents.values()].flatMap(({ stmt, jacobian, guide, model }): Term[] => {
  const { name } = stmt.symbol;
  const missing = state.missing.get(name);
  if (missing === undefined) return [];
  if (guide === "summed") {
    const there = state.scope.latentEntries(missing.symbol)!.reduce((total, latent) => total + 1 - latent, 0);
    return [{ name: `the entries of ${name} that are there`, kind: "likelihood", node: scalar(-there * Math.log(stateCount(model, state))), plates: [], span: stmt.span }];
  }
  return jacobian === null ? [] : [{ name: `the Jacobian of ${name}`, kind: "jacobian", node: jacobian, plates: [], span: stmt.span }];
});

function sampleTerms(stmt: SampleStmt, state: State): readonly Term[] {
  const latent = latentOf(stmt.symbol.name, state);
  const plates = axesOf(stmt.plates);
  const name = stmt.symbol.name;
  const values = latent.guide === "written" || latent.guide === "summed" ? "anywhere" : "inside";
  // The states of a member that does not exist add up to 1.
  const nothing = latent.guide === "summed" ? -Math.log(stateCount(latent.model, state)) : 0;
  const within = (node: Node): Node => where(latent.present, node, nothing);
  noteArguments(stmt.dist, latent.model, latent.present, state.scope);
  const prior: Term = { name: `the prior of ${name}`, site: name, kind: "prior", node: within(logProb(latent.model, latent.value, values)), plates, span: stmt.span };
  if (latent.jacobian === null) return [prior];
  return [prior, { name: `the Jacobian of ${name}`, site: name, kind: "jacobian", node: within(latent.jacobian), plates, span: stmt.span }];
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

/** 1 for the members that a site has; null where it has all. */
function presenceOf({ symbol }: SampleStmt, { missing, scope }: State): Node | null {
  const array = missing.get(symbol.name);
  return array === undefined ? scope.presenceOf(symbol) : latentMembers(array.symbol, scope);
}

// ---------------------------------------------------------------------------------------- summed-out sites

const stateCount = (model: BuiltDist, { scope }: State): number => listed(model, scope)?.count ?? categories(model);

/** A `@marginal` site: all its states on an axis of its own, on all its plates. */
function summedSite(stmt: SampleStmt, model: BuiltDist, state: State): Latent {
  const { name } = stmt.symbol;
  const axis = `%${name}`;
  const numbers = listed(model, state.scope);
  const count = stateCount(model, state);
  const hot = everyState(count, axis);
  const plates = axesOf(stmt.plates);
  const value = mark(model.instance.dist.value === "bool" ? gather(hot, 0, scalar(1)) : hot, name, plates);
  state.marginals.push({ name, axis, count, plates, value, span: stmt.span, chain: chainOf(stmt, count, value, state) });
  const seen = numbers === null ? siteValue(model, value) : listedValue(numbers, stop(argmax(value, [0])));
  return { stmt, model, guide: "summed", guideName: model.instance.dist.name, request: null, jacobian: null, present: presenceOf(stmt, state), value: seen };
}

/** A carried site that reads its own state one step before: that state runs over an axis of its own. */
function chainOf(stmt: SampleStmt, count: number, value: Node, state: State): Chain | null {
  const recursion = state.scope.program.recursions.carried.get(stmt.symbol);
  if (recursion === undefined || recursion.carried.earlier.length === 0) return null;
  const { scan: { binders, direction }, carried } = recursion;
  const { axis: along, dim } = binders[0].plate;
  const axis = `%${stmt.symbol.name}.before`;
  const hot = everyState(count, axis);
  const start = carried.start === null ? null : oneHot(evaluateArray(carried.start, contextOf(state, null)).node, count);
  const certain = start ?? constant(Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0)), [count]);
  return {
    axis, along, size: state.scope.sizeOf(dim), direction, first: select(certain, scalar(0), scalar(-Infinity)),
    before: mark(value.shape.length === 0 ? gather(hot, 0, scalar(1)) : hot, `${stmt.symbol.name}.before`, axesOf(stmt.plates)),
  };
}

function stateBefore(symbol: Symbol, lag: number, state: State): Value | null {
  const latent = latentOf(symbol.name, state);
  const marginal = state.marginals.find((m) => m.name === symbol.name);
  if (marginal === undefined || marginal.chain === null) return null;
  if (lag > 1) {
    state.report.push(diagnose("PPL412", marginal.span, { site: `\`${symbol.name}\``, reason: `it is read ${lag} steps before, and only the last step can be summed along` }, { hint: "without `@marginal` the site is sampled" }));
  }
  return siteValue(latent.model, marginal.chain.before);
}

function summedOut(terms: readonly Term[], state: State): Elimination {
  const size = (plate: Axis): number => state.scope.sizeOf(plate.replace(/'+$/, ""));
  const elimination = eliminate(terms, state.marginals, { size, scale: () => 1 });
  for (const { marginal, reason } of elimination.refused) {
    state.report.push(diagnose("PPL412", marginal.span, { site: `\`${marginal.name}\``, reason }, { hint: "without `@marginal` the site is sampled" }));
  }
  for (const { marginal } of elimination.conditionals) refuseBatchInside(marginal, terms, state);
  return elimination;
}

/** A minibatch inside a logarithm would be biased. */
function refuseBatchInside(marginal: Marginal, terms: readonly Term[], state: State): void {
  const inside = terms.filter((term) => dependsOn(term.node, marginal.value)).flatMap((term) => term.plates);
  const batched = inside.find((plate) => state.plan.batched.has(plate) && !marginal.plates.includes(plate));
  if (batched !== undefined) state.report.push(diagnose("PPL507", marginal.span, { plate: batched, name: marginal.name }));
}

// ---------------------------------------------------------------------------------------- sites

function latentOf(name: string, state: State): Latent {
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
  const latent = written !== undefined && draft === null ? writtenSite(stmt, written, null, state) : draftedSite(stmt, draft, state);
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
  void report.push(diagnose("PPL901", dist.span, { what: `a support of \`${symbol.name}\` that depends on the step before, ${why}` }, {
    hint: "sample the differences, and add them up in a carried `let`",
  }));

/** `moves`: the ends of the support read the step before. */
function makeLatent(stmt: SampleStmt, model: BuiltDist, moves: boolean, state: State): Latent {
  if (stmt.marginal) return summedSite(stmt, model, state);
  const written = state.written.get(stmt.symbol.name);
  if (written !== undefined) return writtenSite(stmt, written, model, state);
  const free = freeGuide(model, state.scope);
  const alone = state.plan.alone(stmt.symbol.name);
  const why = !moves ? null : free !== null ? "of a discrete site" : alone !== null ? `under \`${alone}\`` : whyNotStepwise(stmt, state.scope);
  if (why !== null) refuseMovingSupport(stmt, why, state);
  if (free !== null) return freeSite(stmt, model, free, state);
  const same = alone === "same" ? sameGuide(model) : null;
  if (same !== null) return freeSite(stmt, model, same, state);
  if (alone === "same") refuseSame(stmt, state);
  return alone === "delta" ? pointSite(stmt, model, state) : gaussianSite(stmt, model, moves && why === null, state);
}

/** Places a site by the plan's estimator; its value is marked, on all its plates. */
function place(site: Site, state: State): Node {
  const placed = state.plan.place(site);
  const value = mark(placed.value, site.name, site.plates);
  state.placed.push({ site, placed, value });
  return value;
}

const marked = (state: State): readonly Node[] => state.placed.map((p) => p.value);
const leafNodes = (state: State): readonly Node[] => state.leaves.map((leaf) => leaf.node);

/** What `siteOf` wants to know of a site whose guide reads no other. */
const requestOf = (stmt: SampleStmt, state: State): Omit<SiteRequest, "prior"> => ({
  name: stmt.symbol.name, span: stmt.span, plates: axesOf(stmt.plates), leaves: leafNodes(state), values: [],
  learned: learnedBy(stmt.symbol.name, stmt.plates, state),
});

/** `model` null: not built yet, and the guide's stands in its place until it is. */
function writtenSite(stmt: SampleStmt, { stmt: guide, guards }: Guarded<SampleStmt>, model: BuiltDist | null, state: State): Latent {
  const present = presenceOf(stmt, state);
  const covered = dataGuard(guards, state.scope);
  if (covered !== null && valuesOf(and(present ?? scalar(1), not(covered)), state.scope.known).includes(1)) refuseUncovered(stmt, guide, state);
  const steps = stepsOf(guide, state.bound.model.guide, state.scope);
  if (steps !== null) return sequentialSite(stmt, guide, steps, model, state);
  const d = builtDist(guide.dist, contextOf(state, present === null || covered === null ? present ?? covered : and(present, covered)));
  const site = siteOf({ ...requestOf(stmt, state), span: guide.span, values: marked(state), prior: present === null ? priorOf(stmt, state) : null }, d);
  return {
    stmt, model: model ?? d, guide: "written", guideName: d.instance.dist.name, request: null, jacobian: null, present,
    value: siteValue(d, place(site, state)),
  };
}

/** The prior of a site; null where it reads a site whose guide reads this one, so that its divergence from the guide is no number. */
const priorOf = (stmt: SampleStmt, state: State) => (): Instance | null => {
  const own = state.placed.find(({ site }) => site.name === stmt.symbol.name)?.value;
  const { instance } = builtDist(stmt.dist, contextOf(state, null));
  return own !== undefined && Object.values(instance.params).some((param) => dependsOn(param, own)) ? null : instance;
};

/** PPL502: the condition of the guide leaves out a member that the model has. */
function refuseUncovered({ symbol: { name, axes } }: SampleStmt, guide: SampleStmt, { report }: State): void {
  const model = axes.length === 0 ? name : `${name}[${axes.map(({ dim }) => dim).join(", ")}]`;
  report.push(diagnose("PPL502", guide.span, { site: name, model, guide: `${name} under a condition` }, {
    labels: [{ span: guide.symbol.span, text: "the model's site has members for which the condition of the guide does not hold" }],
    hint: "move it out of the `if`, or write the model's condition",
  }));
}

/** A site of the guide whose steps read those before them. */
function sequentialSite(stmt: SampleStmt, guide: SampleStmt, steps: Steps, model: BuiltDist | null, state: State): Latent {
  const { name } = stmt.symbol;
  const draft = draftScope(guide, state.scope);
  const d = builtDist(guide.dist, { ...contextOf(state, null), ...(draft === null ? {} : { scope: draft.scope }) });
  const site = sequenceSite({ name, span: guide.span, plates: axesOf(stmt.plates), learned: learnedBy(name, stmt.plates, state) }, d, {
    along: steps.scan.binders[0].plate.axis,
    draw: () => steps.draw(d),
    placed: () => {
      const own = state.placed.find((p) => p.site.name === name)?.value ?? ice(`${name} is not placed`);
      return { logq: logProb(builtDist(guide.dist, contextOf(state, null)), siteValue(d, own)), own, leaves: leafNodes(state), values: marked(state) };
    },
    supportMoves: movesWith(d, leafNodes(state)) || limitsOf(d).some((limit) => draft?.standsIn(limit) ?? false),
  });
  const value = siteValue(d, place(site, state));
  refuseSteps(name, steps, state);
  return { stmt, model: model ?? d, guide: "written", guideName: d.instance.dist.name, request: null, jacobian: null, present: presenceOf(stmt, state), value };
}

/** A step inside a scan is a map of noise that was drawn outside it; and where several sites are drawn together, none of them is
 *  discrete, whose credit would have to include what its draw does to the others. */
function refuseSteps(name: string, { together }: Steps, { report }: State): void {
  for (const other of together()) {
    const kind = rowOf(other.dist).dist.draw.kind;
    if (kind === "pathwise" || (kind === "finite" && together().length === 1)) continue;
    const what = kind === "finite" ? `a discrete site that the guide draws together with \`${together().find((s) => s !== other)?.symbol.name ?? name}\``
      : `a guide that draws \`${other.symbol.name}\` step by step from ${other.dist.name}`;
    report.push(diagnose("PPL901", other.span, { what }, { hint: `leave \`${other.symbol.name}\` out of \`carry\`: the guide is then mean-field in time` }));
  }
}

// ---------------------------------------------------------------------------------------- automatic guides

type LeafOptions = { readonly start?: Node; readonly scaledBy?: string; readonly gauge?: boolean; readonly learned?: true };

function newLeaf(state: State, name: string, size: number, options: LeafOptions = {}): Node {
  const node = param(name, [], [size]);
  const { start = scalar(0), scaledBy = null, gauge = false, learned = false } = options;
  state.leaves.push({ name, node, size, start, scaledBy, gauge, learned, param: null });
  return node;
}

/** Parameters that the estimator of a site learns, one set for all members or one for each. */
const learnedBy = (name: string, plates: readonly PlateAxis[], state: State): Site["learned"] => (tag, start, shape, per) => {
  const leaf = (size: number): Node =>
    newLeaf(state, `${name}.${tag}`, size, { start: start.length === 1 ? scalar(start[0] as number) : constant(start, [start.length]), learned: true });
  if (per === "site") return reshape(leaf(product(shape)), shape);
  const layout = { plates: bySize(plates), sizes: [...platesSizes(bySize(plates), state), ...shape], present: null };
  return onPlates(leaf(flatSize(layout)), layout, state.plan.batched);
};

const bySize = (plates: readonly PlateAxis[]): readonly PlateAxis[] => [...plates].sort((a, b) => (a.axis < b.axis ? -1 : 1));
const platesSizes = (plates: readonly PlateAxis[], state: State): readonly number[] => plates.map((p) => state.scope.sizeOf(p.dim));
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** 1 for each member of a site that exists, plates in this order; null where all do. */
function presentMembers(stmt: SampleStmt, plates: readonly PlateAxis[], state: State): Float64Array | null {
  const present = presenceOf(stmt, state);
  return present === null ? null : valuesOf(add(present, fill(0, axesOf(plates), [])), state.scope.known);
}

/** A guide with free parameters per member. */
function freeSite(stmt: SampleStmt, model: BuiltDist, free: FreeGuide, state: State): Latent {
  const { name } = stmt.symbol;
  const plates = bySize(stmt.plates);
  const leaves = free.leaves.map(({ name: leaf, start, extra, gauge, shape }) => {
    const layout = { plates, sizes: [...platesSizes(plates, state), ...(shape ?? model.shape), ...extra], present: presentMembers(stmt, plates, state) };
    return onPlates(newLeaf(state, `${name}.${leaf}`, flatSize(layout), { start: scalar(start), gauge }), layout, state.plan.batched);
  });
  const d: BuiltDist = { instance: free.at(leaves), shape: model.shape };
  const site = siteOf({ ...requestOf(stmt, state), prior: null }, d);
  const value = free.value(siteValue(d, place(site, state)));
  return { stmt, model, guide: "free", guideName: d.instance.dist.name, request: null, jacobian: null, present: presenceOf(stmt, state), value };
}

/** A site that a block names must have the family; one under `default same` has a Gaussian where that cannot be. */
function refuseSame({ symbol: { name }, dist }: SampleStmt, { bound, report }: State): void {
  const block = bound.model.families.blocks.find(({ sites }) => sites.includes(name));
  if (block === undefined) return;
  report.push(diagnose("PPL511", block.span, { option: `\`same\` for \`${name}\``, reason: `the parameters of ${dist.name} cannot all be free` }, {
    hint: "it needs a distribution with number or vector parameters that leave the support where it is; meanfield and fullrank take any",
  }));
}

/** A point: the value is a parameter. Densities are compared on the site's own scale, so that no Jacobian enters. */
function pointSite(stmt: SampleStmt, model: BuiltDist, state: State): Latent {
  const { name } = stmt.symbol;
  const plates = bySize(stmt.plates);
  const map = bijection(supportOf(model.instance));
  const layout = { plates, sizes: [...platesSizes(plates, state), ...map.unconstrainedShape(model.shape)], present: presentMembers(stmt, plates, state) };
  const u = onPlates(newLeaf(state, `${name}.point`, flatSize(layout)), layout, state.plan.batched);
  return {
    stmt, model, guide: "point", guideName: "point", request: null, present: presenceOf(stmt, state),
    jacobian: null, value: arrayValue(map.fromUnconstrained(u)),
  };
}

function gaussianSite(stmt: SampleStmt, model: BuiltDist, stepwise: boolean, state: State): Latent {
  const { name } = stmt.symbol;
  const support = supportOf(model.instance);
  const map = bijection(support);
  const plates = bySize(stmt.plates);
  const event = map.unconstrainedShape(model.shape);
  const request: GaussianRequest = { name, plates, sizes: [...platesSizes(plates, state), ...event], present: presentMembers(stmt, plates, state) };
  const { u, family } = unconstrained(stmt, request, support.kind === "real" ? model.instance : null, state);
  if (stepwise) state.stepwise.set(name, u);
  return {
    stmt, model, guide: isGaussian(family) ? "gaussian" : "joint", guideName: family, request, present: presenceOf(stmt, state),
    jacobian: support.kind === "real" ? null : sum(map.logJacobian(u)),
    value: stepwise ? stepwiseValue(stmt, u, state.scope) : arrayValue(map.fromUnconstrained(u)),
  };
}

/** A site whose distribution was only looked at, now that earlier steps have values. */
function settled(latent: Latent, state: State): Latent {
  const model = builtDist(latent.stmt.dist, contextOf(state, null));
  const u = state.stepwise.get(latent.stmt.symbol.name);
  return { ...latent, model, jacobian: u === undefined ? latent.jacobian : sum(bijection(supportOf(model.instance)).logJacobian(u)) };
}

/** Are the latent entries members on the dims of their array, or one vector? */
const isMembers = (name: string, { symbol }: Missing, { written }: State): boolean => hasStates(symbol) || written.has(name);

/** 1 for the entries of an array that are latent. */
const latentEntries = (symbol: Symbol, { scope }: State): Node | null => maskNode(scope.latentEntries(symbol), scope.known.arrays[symbol.name]?.shape ?? []);

/** The missing entries of a real array, one after the other. */
function imputedSite(stmt: SampleStmt, { symbol, observers }: Missing, state: State): Latent {
  const imputation = imputationOf(symbol, observers, state.scope);
  const request: GaussianRequest = { name: symbol.name, plates: [], sizes: [coordinatesOfEntries(imputation)], present: null };
  const { u, family } = unconstrained(stmt, request, null, state);
  const { value, jacobian } = imputed(symbol, u, imputation, state.scope);
  return { stmt, model: imputation.dist, guide: "gaussian", guideName: family, request, jacobian, value: arrayValue(value), present: latentEntries(symbol, state) };
}

/** The missing entries of an array that is discrete or that the guide samples: members on its dims, of which only those exist. */
function imputedMembers(stmt: SampleStmt, { symbol, observers }: Missing, state: State): Latent {
  const { scope } = state;
  const member: SampleStmt = { ...stmt, symbol: entrySymbol(symbol), plates: entrySymbol(symbol).axes };
  refuseBatch(symbol, scope);
  const written = state.written.get(symbol.name);
  const model = hasStates(symbol) ? statesOf(symbol, observers, scope) : imputationOf(symbol, observers, scope).dist;
  const latent = stmt.marginal ? summedSite(member, model, state)
    : written !== undefined ? writtenSite(member, written, model, state)
    : freeSite(member, model, freeGuide(model, scope) ?? ice(`no free guide for entries of ${symbol.name}`), state);
  const value = withStates(symbol, latent.value as ArrayValue, supportOf(model.instance).kind === "category", scope);
  return { ...latent, stmt, value: value as ArrayValue, present: latentEntries(symbol, state) };
}

const isGaussian = (family: string): boolean => family === "meanfield" || family === "fullrank";

/** The site's unconstrained value on its plates, from the run's coordinates, its own mean-field guide, or its block. */
function unconstrained(stmt: SampleStmt, request: GaussianRequest, prior: Instance | null, state: State): { readonly u: Node; readonly family: string } {
  const { plan } = state;
  const block = plan.layout?.blocks.find((b) => b.sites.some((s) => s.name === request.name));
  const site = block?.sites.find((s) => s.name === request.name);
  const spread = (flat: Node): Node => onPlates(flat, request, plan.batched);
  const joint = plan.layout?.joint.find((b) => b.sites.some((s) => s.name === request.name));
  const own = joint?.sites.find((s) => s.name === request.name);
  if (joint !== undefined && own !== undefined) return { u: spread(coordinatesOf(jointValue(joint, stmt.span, state), own, 0)), family: showFamily(joint.family) };
  if (block === undefined || site === undefined) return { u: meanField(stmt, request, prior, state), family: "meanfield" };
  if (plan.gaussian === "coordinates") {
    const all = param(COORDINATES, [PARTICLE], [plan.layout?.size ?? 0]);
    return { u: spread(coordinatesOf(all, site, 0)), family: block.family };
  }
  if (block.family === "meanfield") return { u: meanField(stmt, request, prior, state), family: "meanfield" };
  return { u: spread(coordinatesOf(blockValue(block, stmt.span, state), site, block.offset)), family: "fullrank" };
}

function meanField(stmt: SampleStmt, request: GaussianRequest, prior: Instance | null, state: State): Node {
  const { name } = request;
  const size = flatSize(request);
  const logSd = newLeaf(state, logSdName(name), size, { start: scalar(Math.log(INITIAL_SD)) });
  const loc = newLeaf(state, locName(name), size, { scaledBy: logSdName(name) });
  const spread = (flat: Node): Node => onPlates(flat, request, state.plan.batched);
  const normal = distOf("Normal") ?? ice("no Normal");
  const d: BuiltDist = {
    instance: instance(normal, 0, { mean: spread(loc), sd: exp(spread(logSd)) }),
    shape: request.sizes.slice(request.plates.length),
  };
  const site = siteOf({ ...requestOf(stmt, state), plates: axesOf(request.plates), leaves: [loc, logSd], prior: prior === null ? null : () => prior }, d);
  return place(site, state);
}

/** Sd of the stochastic protocol's starting guide, on the unconstrained scale. */
const INITIAL_SD = 0.1;

function blockValue(block: GaussianBlock, span: Span, state: State): Node {
  const found = state.blocks.get(block.name);
  if (found !== undefined) return found;
  const { site, leaves } = fullRankSite(block.name, span, block.size, learnedBy(block.name, [], state));
  const [loc, scale] = leaves as [Node, Node];
  state.leaves.push(
    { name: loc.attrs["name"] as string, node: loc, size: block.size, start: scalar(0), scaledBy: null, gauge: false, learned: false, param: null },
    { name: scale.attrs["name"] as string, node: scale, size: block.size ** 2, start: scalar(0), scaledBy: null, gauge: false, learned: false, param: null },
  );
  const value = place(site, state);
  state.blocks.set(block.name, value);
  return value;
}

/** The coordinates of all sites of a joint guide, and behind them its momentum if it has one. */
function jointValue(block: JointBlock, span: Span, state: State): Node {
  const { name, family, size } = block;
  const found = state.blocks.get(name);
  if (found !== undefined) return found;
  if (followsSlope(family.name) && state.slope === null) return placeholder(block);
  const row = jointFamilies.find((f) => f.name === family.name) ?? ice(`no joint family ${family.name}`);
  const request = { name, size, option: optionsOf(family.options), slope: state.slope };
  const leaves = row.leaves(request).map(({ name: leaf, shape, start }) =>
    reshape(newLeaf(state, `${name}.${leaf}`, product(shape), { start: constant(start, [start.length]) }), shape));
  const value = place(jointSite({ name, span, leaves, learned: learnedBy(name, [], state) }, (at) => row.at(at, request)), state);
  if (row.momentum !== null) state.momenta.push({ name: `the momentum of ${name}`, kind: "factor", node: row.momentum(value, request), plates: [], span });
  state.blocks.set(name, value);
  return value;
}

// ---------------------------------------------------------------------------------------- params

/** `param`: a leaf on the unconstrained scale of its bounds. */
function paramValue(stmt: ParamStmt, state: State): Value {
  const { symbol } = stmt;
  const ctx = contextOf(state, null);
  const map = bijection(supportOfBounds(stmt.bounds, ctx));
  const plates = bySize(stmt.plates);
  const start = evaluate(stmt.value, ctx);
  if (start.kind !== "array") return ice("a record as a param");
  const sizes = [...platesSizes(plates, state), ...paramShape(stmt, start.node, state)];
  const leaf = param(symbol.name, [], [product(sizes)]);
  const value = map.fromUnconstrained(onPlates(leaf, { plates, sizes, present: null }, state.plan.batched));
  state.leaves.push({
    name: symbol.name, node: leaf, size: product(sizes), start: add(map.toUnconstrained(start.node), fill(0, axesOf(plates), sizes.slice(plates.length))), scaledBy: null, gauge: false, learned: false,
    param: { symbol, value, plates: stmt.plates },
  });
  return arrayValue(value);
}

function paramShape(stmt: ParamStmt, start: Node, state: State): readonly number[] {
  const { type } = stmt.symbol;
  if (type.kind !== "array") return ice("a record as a param");
  return type.shape.map((size, i) => (size === null ? start.shape[i] ?? ice("size of a param") : state.scope.sizeOf(size)));
}

function supportOfBounds(bounds: readonly DeclaredBound[], ctx: Context): Support {
  const at = (kinds: readonly string[]): Node | null => {
    const found = bounds.find((b) => kinds.includes(b.kind));
    return found === undefined ? null : evaluateArray(found.value, ctx).node;
  };
  const lower = at([">", ">="]);
  const upper = at(["<", "<="]);
  if (lower !== null && upper !== null) return { kind: "interval", lower, upper };
  if (lower !== null) return { kind: "lower", lower };
  return upper === null ? { kind: "real" } : { kind: "upper", upper };
}
