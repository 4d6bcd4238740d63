// Sites that the guide block samples, member by member or from step to step.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { Instance } from "../dist/instance.ts";
import type { Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { rowOf } from "../model/dist-row.ts";
import type { SampleStmt } from "../model/model.ts";
import { and, not, scalar } from "../op/index.ts";
import { type BuiltDist, builtDist, logProb } from "./distribution.ts";
import { type Guarded, dataGuard, valuesOf } from "./scope.ts";
import { type Steps, stepsOf } from "./sequential.ts";
import { limitsOf, movesWith, sequenceSite, siteOf, siteValue } from "./site.ts";
import {
  type Latent,
  type State,
  axesOf,
  contextOf,
  leafNodes,
  learnedBy,
  marked,
  place,
  presenceOf,
  requestOf,
} from "./state.ts";
import { draftScope } from "./trajectory.ts";
import type { ArrayValue } from "./value.ts";

/** `model` null: not built yet, and the guide's stands in its place until it is. */
export function writtenSite(
  stmt: SampleStmt,
  { stmt: guide, guards }: Guarded<SampleStmt>,
  model: BuiltDist | null,
  state: State,
): Latent {
  const present = presenceOf(stmt, state);
  const covered = dataGuard(guards, state.scope);
  if (covered !== null && valuesOf(and(present ?? scalar(1), not(covered)), state.scope.known).includes(1))
    refuseUncovered(stmt, guide, state);
  const steps = stepsOf(guide, state.bound.model.guide, state.scope);
  if (steps !== null) return sequentialSite(stmt, guide, steps, model, state);
  const d = builtDist(
    guide.dist,
    contextOf(state, present === null || covered === null ? (present ?? covered) : and(present, covered)),
  );
  const site = siteOf(
    {
      ...requestOf(stmt, state),
      span: guide.span,
      values: marked(state),
      prior: present === null ? priorOf(stmt, state) : null,
    },
    d,
  );
  return written(stmt, model ?? d, d, present, siteValue(d, place(site, state)));
}

/** A site whose value the guide block draws from `d`. */
const written = (
  stmt: SampleStmt,
  model: BuiltDist,
  d: BuiltDist,
  present: Node | null,
  value: ArrayValue,
): Latent => ({
  stmt,
  model,
  guide: "written",
  guideName: d.instance.dist.name,
  request: null,
  jacobian: null,
  present,
  value,
});

/** The prior of a site; null where it reads a site whose guide reads this one, so that its divergence from the guide is
 *  no number. */
const priorOf = (stmt: SampleStmt, state: State) => (): Instance | null => {
  const own = state.placed.find(({ site }) => site.name === stmt.symbol.name)?.value;
  const { instance } = builtDist(stmt.dist, contextOf(state, null));
  return own !== undefined && Object.values(instance.params).some((param) => dependsOn(param, own)) ? null : instance;
};

/** PPL502: the condition of the guide leaves out a member that the model has. */
function refuseUncovered({ symbol: { name, axes } }: SampleStmt, guide: SampleStmt, { report }: State): void {
  const model = axes.length === 0 ? name : `${name}[${axes.map(({ dim }) => dim).join(", ")}]`;
  report.push(
    diagnose(
      "PPL502",
      guide.span,
      { site: name, model, guide: `${name} under a condition` },
      {
        labels: [
          {
            span: guide.symbol.span,
            text: "the model's site has members for which the condition of the guide does not hold",
          },
        ],
        hint: "move it out of the `if`, or write the model's condition",
      },
    ),
  );
}

/** A site of the guide whose steps read those before them. */
function sequentialSite(
  stmt: SampleStmt,
  guide: SampleStmt,
  steps: Steps,
  model: BuiltDist | null,
  state: State,
): Latent {
  const { name } = stmt.symbol;
  const draft = draftScope(guide, state.scope);
  const d = builtDist(guide.dist, { ...contextOf(state, null), ...(draft === null ? {} : { scope: draft.scope }) });
  const site = sequenceSite(
    { name, span: guide.span, plates: axesOf(stmt.plates), learned: learnedBy(name, stmt.plates, state) },
    d,
    {
      along: steps.scan.binders[0].plate.axis,
      draw: () => steps.draw(d),
      placed: () => {
        const own = state.placed.find((p) => p.site.name === name)?.value ?? ice(`${name} is not placed`);
        return {
          logq: logProb(builtDist(guide.dist, contextOf(state, null)), siteValue(d, own)),
          own,
          leaves: leafNodes(state),
          values: marked(state),
        };
      },
      supportMoves: movesWith(d, leafNodes(state)) || limitsOf(d).some((limit) => draft?.standsIn(limit) ?? false),
    },
  );
  const value = siteValue(d, place(site, state));
  refuseSteps(name, steps, state);
  return written(stmt, model ?? d, d, presenceOf(stmt, state), value);
}

/** A step inside a scan is a map of noise that was drawn outside it; and where several sites are drawn together, none
 *  of them is discrete, whose credit would have to include what its draw does to the others. */
function refuseSteps(name: string, { together }: Steps, { report }: State): void {
  for (const other of together()) {
    const kind = rowOf(other.dist).dist.draw.kind;
    if (kind === "pathwise" || (kind === "finite" && together().length === 1)) continue;
    const what =
      kind === "finite"
        ? `a discrete site that the guide draws together with \`${together().find((s) => s !== other)?.symbol.name ?? name}\``
        : `a guide that draws \`${other.symbol.name}\` step by step from ${other.dist.name}`;
    report.push(
      diagnose(
        "PPL901",
        other.span,
        { what },
        { hint: `leave \`${other.symbol.name}\` out of \`carry\`: the guide is then mean-field in time` },
      ),
    );
  }
}
