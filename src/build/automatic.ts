// Sites without a hand-written guide: Gaussian coordinates, free tables, points, blocks, and latent entries of arrays.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { Span } from "../base/span.ts";
import { distOf } from "../dist/index.ts";
import { type Instance, instance, supportOf } from "../dist/instance.ts";
import { bijection } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { showFamily } from "../model/families.ts";
import { entrySymbol } from "../model/imputed.ts";
import type { SampleStmt, Symbol } from "../model/model.ts";
import { PARTICLE } from "../objective/term.ts";
import { constant, exp, param, reshape, scalar, sum } from "../op/index.ts";
import type { BuiltDist } from "./distribution.ts";
import { optionsOf } from "./family/family.ts";
import { followsSlope, jointFamilies } from "./family/index.ts";
import { type FreeGuide, freeGuide } from "./free-guide.ts";
import {
  type GaussianBlock,
  type GaussianRequest,
  type JointBlock,
  coordinatesOf,
  flatSize,
  locName,
  logSdName,
  onPlates,
} from "./gaussian.ts";
import { hasStates, refuseBatch, statesOf, withStates } from "./missing-states.ts";
import { coordinatesOfEntries, imputationOf, imputed } from "./missing-values.ts";
import { stepwiseValue } from "./moving-support.ts";
import { maskNode } from "./scope.ts";
import { fullRankSite, jointSite, siteOf, siteValue } from "./site.ts";
import { placeholder } from "./slope.ts";
import {
  COORDINATES,
  type Latent,
  type Missing,
  type State,
  axesOf,
  bySize,
  learnedBy,
  newLeaf,
  place,
  platesSizes,
  presenceOf,
  presentMembers,
  requestOf,
} from "./state.ts";
import { summedSite } from "./summed.ts";
import { type ArrayValue, arrayValue } from "./value.ts";
import { writtenSite } from "./written.ts";
import * as math from "../op/special/elementary.ts";

/** A guide with free parameters per member. */
export function freeSite(stmt: SampleStmt, model: BuiltDist, free: FreeGuide, state: State): Latent {
  const { name } = stmt.symbol;
  const plates = bySize(stmt.plates);
  const leaves = free.leaves.map(({ name: leaf, start, extra, gauge, shape }) => {
    const layout = {
      plates,
      sizes: [...platesSizes(plates, state), ...(shape ?? model.shape), ...extra],
      present: presentMembers(stmt, plates, state),
    };
    return onPlates(
      newLeaf(state, `${name}.${leaf}`, flatSize(layout), { start: scalar(start), gauge }),
      layout,
      state.plan.batched,
    );
  });
  const d: BuiltDist = { instance: free.at(leaves), shape: model.shape };
  const site = siteOf({ ...requestOf(stmt, state), prior: null }, d);
  const value = free.value(siteValue(d, place(site, state)));
  return {
    stmt,
    model,
    guide: "free",
    guideName: d.instance.dist.name,
    request: null,
    jacobian: null,
    present: presenceOf(stmt, state),
    value,
  };
}

/** A site that a block names must have the family; one under `default same` has a Gaussian where that cannot be. */
export function refuseSame({ symbol: { name }, dist }: SampleStmt, { bound, report }: State): void {
  const block = bound.model.families.blocks.find(({ sites }) => sites.includes(name));
  if (block === undefined) return;
  report.push(
    diagnose(
      "PPL511",
      block.span,
      { option: `\`same\` for \`${name}\``, reason: `the parameters of ${dist.name} cannot all be free` },
      {
        hint: "it needs a distribution with number or vector parameters that leave the support where it is; meanfield and fullrank take any",
      },
    ),
  );
}

/** A point: the value is a parameter. Densities are compared on the site's own scale, so that no Jacobian enters. */
export function pointSite(stmt: SampleStmt, model: BuiltDist, state: State): Latent {
  const { name } = stmt.symbol;
  const plates = bySize(stmt.plates);
  const map = bijection(supportOf(model.instance));
  const layout = {
    plates,
    sizes: [...platesSizes(plates, state), ...map.unconstrainedShape(model.shape)],
    present: presentMembers(stmt, plates, state),
  };
  const u = onPlates(newLeaf(state, `${name}.point`, flatSize(layout)), layout, state.plan.batched);
  return {
    stmt,
    model,
    guide: "point",
    guideName: "point",
    request: null,
    present: presenceOf(stmt, state),
    jacobian: null,
    value: arrayValue(map.fromUnconstrained(u)),
  };
}

export function gaussianSite(stmt: SampleStmt, model: BuiltDist, stepwise: boolean, state: State): Latent {
  const { name } = stmt.symbol;
  const support = supportOf(model.instance);
  const map = bijection(support);
  const plates = bySize(stmt.plates);
  const event = map.unconstrainedShape(model.shape);
  const request: GaussianRequest = {
    name,
    plates,
    sizes: [...platesSizes(plates, state), ...event],
    present: presentMembers(stmt, plates, state),
  };
  const { u, family } = unconstrained(stmt, request, support.kind === "real" ? model.instance : null, state);
  if (stepwise) state.stepwise.set(name, u);
  return {
    stmt,
    model,
    guide: isGaussian(family) ? "gaussian" : "joint",
    guideName: family,
    request,
    present: presenceOf(stmt, state),
    jacobian: support.kind === "real" ? null : sum(map.logJacobian(u)),
    value: stepwise ? stepwiseValue(stmt, u, state.scope) : arrayValue(map.fromUnconstrained(u)),
  };
}

/** 1 for the entries of an array that are latent. */
const latentEntries = (symbol: Symbol, { scope }: State): Node | null =>
  maskNode(scope.latentEntries(symbol), scope.known.arrays[symbol.name]?.shape ?? []);

/** The missing entries of a real array, one after the other. */
export function imputedSite(stmt: SampleStmt, { symbol, observers }: Missing, state: State): Latent {
  const imputation = imputationOf(symbol, observers, state.scope);
  const request: GaussianRequest = {
    name: symbol.name,
    plates: [],
    sizes: [coordinatesOfEntries(imputation)],
    present: null,
  };
  const { u, family } = unconstrained(stmt, request, null, state);
  const { value, jacobian } = imputed(symbol, u, imputation, state.scope);
  return {
    stmt,
    model: imputation.dist,
    guide: "gaussian",
    guideName: family,
    request,
    jacobian,
    value: arrayValue(value),
    present: latentEntries(symbol, state),
  };
}

/** The missing entries of an array that is discrete or that the guide samples: members on its dims, of which only those
 *  exist. */
export function imputedMembers(stmt: SampleStmt, { symbol, observers }: Missing, state: State): Latent {
  const { scope } = state;
  const member: SampleStmt = { ...stmt, symbol: entrySymbol(symbol), plates: entrySymbol(symbol).axes };
  refuseBatch(symbol, scope);
  const written = state.written.get(symbol.name);
  const model = hasStates(symbol) ? statesOf(symbol, observers, scope) : imputationOf(symbol, observers, scope).dist;
  const latent = stmt.marginal
    ? summedSite(member, model, state)
    : written !== undefined
      ? writtenSite(member, written, model, state)
      : freeSite(member, model, freeGuide(model, scope) ?? ice(`no free guide for entries of ${symbol.name}`), state);
  const value = withStates(symbol, latent.value as ArrayValue, supportOf(model.instance).kind === "category", scope);
  return { ...latent, stmt, value: value as ArrayValue, present: latentEntries(symbol, state) };
}

const isGaussian = (family: string): boolean => family === "meanfield" || family === "fullrank";

/** The site's unconstrained value on its plates, from the run's coordinates, its own mean-field guide, or its block. */
function unconstrained(
  stmt: SampleStmt,
  request: GaussianRequest,
  prior: Instance | null,
  state: State,
): { readonly u: Node; readonly family: string } {
  const { plan } = state;
  const block = plan.layout?.blocks.find((b) => b.sites.some((s) => s.name === request.name));
  const site = block?.sites.find((s) => s.name === request.name);
  const spread = (flat: Node): Node => onPlates(flat, request, plan.batched);
  const joint = plan.layout?.joint.find((b) => b.sites.some((s) => s.name === request.name));
  const own = joint?.sites.find((s) => s.name === request.name);
  if (joint !== undefined && own !== undefined)
    return { u: spread(coordinatesOf(jointValue(joint, stmt.span, state), own, 0)), family: showFamily(joint.family) };
  if (block === undefined || site === undefined)
    return { u: meanField(stmt, request, prior, state), family: "meanfield" };
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
  const logSd = newLeaf(state, logSdName(name), size, { start: scalar(math.log(INITIAL_SD)) });
  const loc = newLeaf(state, locName(name), size, { scaledBy: logSdName(name) });
  const spread = (flat: Node): Node => onPlates(flat, request, state.plan.batched);
  const normal = distOf("Normal") ?? ice("no Normal");
  const d: BuiltDist = {
    instance: instance(normal, 0, { mean: spread(loc), sd: exp(spread(logSd)) }),
    shape: request.sizes.slice(request.plates.length),
  };
  const site = siteOf(
    {
      ...requestOf(stmt, state),
      plates: axesOf(request.plates),
      leaves: [loc, logSd],
      prior: prior === null ? null : () => prior,
    },
    d,
  );
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
    {
      name: loc.attrs["name"] as string,
      node: loc,
      size: block.size,
      start: scalar(0),
      scaledBy: null,
      gauge: false,
      learned: false,
      param: null,
    },
    {
      name: scale.attrs["name"] as string,
      node: scale,
      size: block.size ** 2,
      start: scalar(0),
      scaledBy: null,
      gauge: false,
      learned: false,
      param: null,
    },
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
  const leaves = row
    .leaves(request)
    .map(({ name: leaf, shape, start }) =>
      reshape(newLeaf(state, `${name}.${leaf}`, sizeOf(shape), { start: constant(start, [start.length]) }), shape),
    );
  const value = place(
    jointSite({ name, span, leaves, learned: learnedBy(name, [], state) }, (at) => row.at(at, request)),
    state,
  );
  if (row.momentum !== null)
    state.momenta.push({
      name: `the momentum of ${name}`,
      kind: "factor",
      node: row.momentum(value, request),
      plates: [],
      span,
    });
  state.blocks.set(name, value);
  return value;
}
