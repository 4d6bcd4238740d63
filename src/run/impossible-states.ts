// States of a discrete site under which something that is observed has probability zero: with them the ELBO is -inf for
// every guide.

import type { Span } from "../base/span.ts";
import { drawingPlan } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import { buildProgram } from "../build/program.ts";
import { COORDINATES } from "../build/state.ts";
import { enumerate } from "../estimator/enumerate.ts";
import type { Engine, Tensor } from "../exec/engine.ts";
import type { Axis } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { axesOf, finish, load, sizesOf, splitLeaves } from "./graphs.ts";

export type ImpossibleState = {
  readonly site: string;
  readonly plates: readonly Axis[];
  /** Counted from 0. */
  readonly state: number;
  readonly isBool: boolean;
  /** What has probability zero, and for which member along its plates, counted from 0. */
  readonly term: string;
  readonly member: readonly { readonly axis: Axis; readonly at: number }[];
  readonly span: Span;
};

/** The first such state at these values of everything continuous; null where there is none. Only states beside which
 *  another one of the same member is possible count: elsewhere the state is not the reason. */
export function impossibleState(
  prepared: Prepared,
  engine: Engine,
  seed: number,
  x: Float64Array,
  points: Float64Array,
): ImpossibleState | null {
  for (const { site } of prepared.base.placed) {
    const found = site.states === null ? null : stateOf(site.name, prepared, engine, seed, x, points);
    if (found !== null) return found;
  }
  return null;
}

function stateOf(
  name: string,
  prepared: Prepared,
  engine: Engine,
  seed: number,
  x: Float64Array,
  points: Float64Array,
): ImpossibleState | null {
  const plan = drawingPlan(prepared);
  const program = buildProgram(
    prepared.bound,
    { ...plan, place: (site) => (site.name === name ? enumerate.place(site, {}) : plan.place(site)) },
    [],
  );
  const placed = program.placed.find(({ site }) => site.name === name);
  const axis = placed?.placed.weight?.axis;
  if (placed === undefined || axis === undefined) return null;
  const terms = program.terms.filter(
    (term) => term.kind !== "guide" && dependsOn(term.node, placed.value) && term.node.axes.includes(axis),
  );
  const graph = finish(Object.fromEntries(terms.map((term, i) => [String(i), term.node])));
  const params = { ...splitLeaves(program.leaves, points), [COORDINATES]: x };
  const sizes = sizesOf(prepared, axesOf(graph), 1);
  const out = load(engine, graph, prepared).run({ params, sizes, seed, step: 0 });
  for (const [i, term] of terms.entries()) {
    const at = impossibleAt(out[String(i)] as Tensor, axis, sizes);
    if (at === null) continue;
    return {
      site: name,
      plates: placed.site.plates,
      state: at.state,
      isBool: prepared.base.latents.some(
        ({ stmt, model }) => stmt.symbol.name === name && model.instance.dist.value === "bool",
      ),
      term: term.name,
      member: at.member.filter(({ axis: own }) => term.plates.includes(own)),
      span: term.span,
    };
  }
  return null;
}

/** The first entry of a scalar per member that is -inf where another state of the same member is finite. */
function impossibleAt(
  { axes, values }: Tensor,
  axis: Axis,
  sizes: Readonly<Record<Axis, number>>,
): { readonly state: number; readonly member: ImpossibleState["member"] } | null {
  const shape = axes.map((own) => sizes[own] as number);
  const count = sizes[axis] as number;
  const place = axes.indexOf(axis);
  if (place < 0) return null;
  const stride = shape.slice(place + 1).reduce((a, b) => a * b, 1);
  const at = values.findIndex((value, i) => {
    const first = i - (Math.floor(i / stride) % count) * stride;
    return (
      value === -Infinity && Array.from({ length: count }, (_, k) => values[first + k * stride]!).some(Number.isFinite)
    );
  });
  if (at < 0) return null;
  const position = (d: number): number =>
    Math.floor(at / shape.slice(d + 1).reduce((a, b) => a * b, 1)) % (shape[d] as number);
  return {
    state: position(place),
    member: axes.flatMap((own, d) => (d === place ? [] : [{ axis: own, at: position(d) }])),
  };
}
