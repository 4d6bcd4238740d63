// The guide block: families, and sites that the reader wrote by hand, against the sites of the model.

import { didYouMean } from "../base/suggest.ts";
import type { SupportKind } from "../dist/dist.ts";
import { isLine } from "../dist/sets.ts";
import type * as Ast from "../syntax/ast.ts";
import { carriedView, fitsDraw } from "./check-carried.ts";
import { mayBeLatent } from "./check-combinator.ts";
import { checkDist } from "./check-dist.ts";
import { isWithin, showRange } from "./check-interval.ts";
import { rangeOfReach, reachOf } from "./check-range.ts";
import type { Reach } from "./check-range.ts";
import { factsOf, fault, textOf, unbuilt } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { checkAttributes, checkTarget, literalOf } from "./check-target.ts";
import { rowOf } from "./dist-row.ts";
import { families, familyOptions, signature, type Given } from "./families.ts";
import type { DistExpr, Families, Family, SampleStmt, Stmt, Symbol } from "./model.ts";
import { shapesAgree, showType } from "./types.ts";

/** What a guide block adds up to; filled while its statements are checked. */
export type GuideParts = {
  readonly sites: ReadonlyMap<string, SampleStmt>;
  /** Names that the model samples, with those whose statement was wrong. */
  readonly names: ReadonlySet<string>;
  /** Sites in a block or sampled, with the place. */
  readonly placed: Map<string, Ast.Name>;
  default: Family | null;
  readonly blocks: Families["blocks"][number][];
};

type Sample = Extract<Ast.Statement, { target: Ast.Target; dist: Ast.Expr }>;

export function guideSample(statement: Sample, env: Env, guide: GuideParts): Stmt | null {
  const { target, span } = statement;
  const { estimator } = checkAttributes(statement, ["estimator"], env);
  const site = placeSite(target.name, env, guide);
  const carried = checkTarget(target, "sampled", env);
  const dist = checkDist(statement.dist, env);
  env.guide?.sampled.add(target.name.text);
  if (site === null || carried === null || dist === null) return null;
  const { symbol } = site;
  const sameAxes =
    carried.axes.length === symbol.axes.length && carried.axes.every(({ axis }, i) => axis === symbol.axes[i]!.axis);
  const { partial } = factsOf(env, symbol);
  if (!sameAxes || (env.partial && !partial)) return uncovered(statement, site, env);
  const view = carriedView(target.name, env);
  if (view !== undefined && partial)
    return unbuilt(
      env,
      span,
      "a guide that carries a site under a condition from step to step",
      "leave the name out of `carry`: the guide is then mean-field in time",
    );
  if (!fitsSite(dist, site, env) || (view !== undefined && !fitsDraw(dist, symbol, view, env))) return null;
  env.checker.facts.set(symbol, { ...factsOf(env, symbol), owners: carried.owners });
  return {
    kind: "sample",
    symbol,
    plates: env.plates.map(({ plate }) => plate),
    dist,
    estimator: estimator ?? site.estimator,
    outputName: site.outputName,
    marginal: false,
    span,
  };
}

/** The model's site of a name, noted as placed; null after PPL501 or PPL504. */
function placeSite(name: Ast.Name, env: Env, guide: GuideParts): SampleStmt | null {
  const site = guide.sites.get(name.text);
  if (site === undefined && guide.names.has(name.text)) return null;
  if (site === undefined)
    return fault(env, "PPL501", name.span, { name: name.text }, { hint: didYouMean(name.text, guide.sites.keys()) });
  if (site.marginal)
    return fault(
      env,
      "PPL506",
      name.span,
      { site: name.text },
      { labels: [{ span: site.symbol.span, text: "`@marginal` here" }] },
    );
  const before = guide.placed.get(name.text);
  guide.placed.set(name.text, name);
  if (before === undefined) return site;
  return fault(env, "PPL504", name.span, { site: name.text }, { labels: [{ span: before.span, text: "first here" }] });
}

function uncovered(statement: Sample, site: SampleStmt, env: Env): null {
  const dims = ({ name, axes }: Symbol): string =>
    axes.length === 0 ? name : `${name}[${axes.map((axis) => axis.dim).join(", ")}]`;
  const guide = `${textOf(statement.target.span)}${env.partial ? " under a condition" : ""}`;
  return fault(
    env,
    "PPL502",
    statement.target.span,
    { site: site.symbol.name, model: dims(site.symbol), guide },
    {
      labels: [{ span: site.symbol.span, text: "the model's site" }],
      hint: env.partial
        ? "move it out of the `if`"
        : "open plates over the same dims, in the same order, with the same order of indices",
    },
  );
}

// ---------------------------------------------------------------------------------------- support

/** Values of the guide are values of the model: type, shape, and range as far as it is known. */
function fitsSite(dist: DistExpr, site: SampleStmt, env: Env): boolean {
  const { symbol } = site;
  const { type } = site.dist;
  const labels = [{ span: site.dist.span, text: showType(type) }];
  if (dist.type.elem.kind === type.elem.kind && !shapesAgree(dist.type.shape, type.shape)) {
    fault(
      env,
      "PPL301",
      dist.span,
      {
        value: textOf(dist.span),
        shape: dist.type.shape,
        other: `the model's \`${symbol.name}\``,
        wanted: type.shape,
      },
      { labels },
    );
    return false;
  }
  if (!mayBeLatent(dist, env)) return false;
  const [inner, outer] = [reachOf(dist, env), reachOf(site.dist, env)];
  const drawn = rowOf(dist).dist.draw.kind !== "none";
  if (drawn && dist.type.elem.kind === type.elem.kind && reachesWithin(inner, outer)) return true;
  fault(
    env,
    "PPL503",
    dist.span,
    {
      site: symbol.name,
      guide: textOf(dist.span),
      guideValues: drawn ? describe(dist, inner) : "improper, so that it cannot be drawn",
      model: textOf(site.dist.span),
      modelValues: describe(site.dist, outer),
    },
    { labels },
  );
  return false;
}

/** Are values compared by their ends? */
const haveEnds = ({ kind }: Reach): boolean =>
  isLine(kind) || kind === "point" || kind === "boolean" || kind === "category";

/** An end that is not known before the data is read lies somewhere: only an infinite end is outside it for certain. */
function reachesWithin(inner: Reach, outer: Reach): boolean {
  if (inner.kind !== outer.kind && !(haveEnds(inner) && haveEnds(outer))) return false;
  if (
    (inner.lower === -Infinity && outer.lower !== -Infinity) ||
    (inner.upper === Infinity && outer.upper !== Infinity)
  )
    return false;
  const known = {
    ...rangeOfReach(outer),
    ...(outer.lower === null || inner.lower === null ? { lower: -Infinity } : {}),
    ...(outer.upper === null || inner.upper === null ? { upper: Infinity } : {}),
  };
  return isWithin(rangeOfReach(inner), known);
}

const describe = (dist: DistExpr, reach: Reach): string =>
  dist.type.elem.kind === "real" ? showRange(rangeOfReach(reach)) : showType({ ...dist.type, shape: [] });

// ---------------------------------------------------------------------------------------- families

type FamilyStatement = Extract<Ast.Statement, { kind: "default" | "block" }>;

export function familyStatement(statement: FamilyStatement, env: Env, guide: GuideParts): void {
  checkAttributes(statement, [], env);
  const family = checkFamily(statement.family, env);
  if (statement.kind === "default") {
    if (guide.default !== null) fault(env, "PPL203", statement.span, { name: "default" });
    guide.default = family ?? guide.default;
    return;
  }
  const sites = statement.names.flatMap((name) => blockSite(name, statement.family.name.text, env, guide) ?? []);
  if (family !== null) guide.blocks.push({ sites, family, span: statement.span });
}

/** Real values that have no unconstrained scale, and the guide that they have instead. */
const NO_SCALE: Readonly<Partial<Record<SupportKind, { readonly what: string; readonly hint: string }>>> = {
  circle: { what: "a direction", hint: "a direction has a free VonMises" },
  "one-hot": { what: "a one-hot vector", hint: "a one-hot vector has a free probability for each of its values" },
  point: { what: "known for certain", hint: "leave it out of the block" },
};

function blockSite(name: Ast.Name, family: string, env: Env, guide: GuideParts): string | null {
  const site = placeSite(name, env, guide);
  if (site === null) return null;
  const { type } = site.dist;
  const special = NO_SCALE[rowOf(site.dist).dist.supportKind];
  if (type.elem.kind === "real" && special === undefined) return name.text;
  return fault(
    env,
    "PPL505",
    name.span,
    { site: name.text, family, type: special?.what ?? showType(type) },
    {
      hint: special?.hint ?? "a discrete site has a free probability for each of its values",
    },
  );
}

function checkFamily({ name, args, span }: Ast.Family, env: Env): Family | null {
  const names = families.map((family) => family.name);
  const row = families.find((family) => family.name === name.text);
  if (row === undefined) {
    return fault(
      env,
      "PPL202",
      name.span,
      { what: "guide family", name: name.text },
      {
        hint: didYouMean(name.text, names),
      },
    );
  }
  const of = `\`${name.text}\``;
  const given = args.map((arg): Given | null => {
    const value = literalOf(arg.value);
    return value === null ? null : { name: arg.name?.text ?? null, value };
  });
  if (!given.every((arg) => arg !== null))
    return fault(env, "PPL308", span, { of, problem: `takes numbers and words: ${signature(row)}` });
  const found = familyOptions(row, given);
  if ("problem" in found) return fault(env, "PPL308", span, { of, problem: found.problem });
  return { name: name.text, options: found.options, span };
}
