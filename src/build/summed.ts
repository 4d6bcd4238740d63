// `@marginal` sites: all their states at once, and their elimination from the terms.

import { diagnose } from "../base/diagnostic.ts";
import { oneHot } from "../dist/draw.ts";
import { everyState } from "../estimator/race.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import type { SampleStmt } from "../model/model.ts";
import type { Chain } from "../objective/chain.ts";
import { type Elimination, type Marginal, eliminate } from "../objective/marginal.ts";
import type { Term } from "../objective/term.ts";
import { argmax, constant, gather, mark, scalar, select, stop } from "../op/index.ts";
import { type BuiltDist, categories } from "./distribution.ts";
import { evaluateArray } from "./expr.ts";
import { listed, listedValue } from "./free-guide.ts";
import { siteValue } from "./site.ts";
import { type Latent, type State, axesOf, contextOf, presenceOf } from "./state.ts";

export const stateCount = (model: BuiltDist, { scope }: State): number =>
  listed(model, scope)?.count ?? categories(model);

/** A `@marginal` site: all its states on an axis of its own, on all its plates. */
export function summedSite(stmt: SampleStmt, model: BuiltDist, state: State): Latent {
  const { name } = stmt.symbol;
  const axis = `%${name}`;
  const numbers = listed(model, state.scope);
  const count = stateCount(model, state);
  const hot = everyState(count, axis);
  const plates = axesOf(stmt.plates);
  const value = mark(model.instance.dist.value === "bool" ? gather(hot, 0, scalar(1)) : hot, name, plates);
  state.marginals.push({
    name,
    axis,
    count,
    plates,
    value,
    span: stmt.span,
    chain: chainOf(stmt, count, value, state),
  });
  const seen = numbers === null ? siteValue(model, value) : listedValue(numbers, stop(argmax(value, [0])));
  return {
    stmt,
    model,
    guide: "summed",
    guideName: model.instance.dist.name,
    request: null,
    jacobian: null,
    present: presenceOf(stmt, state),
    value: seen,
  };
}

/** A carried site that reads its own state one step before: that state runs over an axis of its own. */
function chainOf(stmt: SampleStmt, count: number, value: Node, state: State): Chain | null {
  const recursion = state.scope.program.recursions.carried.get(stmt.symbol);
  if (recursion === undefined || recursion.carried.earlier.length === 0) return null;
  const {
    scan: { binders, direction },
    carried,
  } = recursion;
  const { axis: along, dim } = binders[0].plate;
  const axis = `%${stmt.symbol.name}.before`;
  const hot = everyState(count, axis);
  const start =
    carried.start === null ? null : oneHot(evaluateArray(carried.start, contextOf(state, null)).node, count);
  const certain =
    start ??
    constant(
      Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0)),
      [count],
    );
  return {
    axis,
    along,
    size: state.scope.sizeOf(dim),
    direction,
    first: select(certain, scalar(0), scalar(-Infinity)),
    before: mark(
      value.shape.length === 0 ? gather(hot, 0, scalar(1)) : hot,
      `${stmt.symbol.name}.before`,
      axesOf(stmt.plates),
    ),
  };
}

export function summedOut(terms: readonly Term[], state: State): Elimination {
  const size = (plate: Axis): number => state.scope.sizeOf(plate.replace(/'+$/, ""));
  const elimination = eliminate(terms, state.marginals, { size, scale: () => 1 });
  for (const { marginal, reason } of elimination.refused) {
    state.report.push(
      diagnose(
        "PPL412",
        marginal.span,
        { site: `\`${marginal.name}\``, reason },
        { hint: "without `@marginal` the site is sampled" },
      ),
    );
  }
  for (const { marginal } of elimination.conditionals) refuseBatchInside(marginal, terms, state);
  return elimination;
}

/** A minibatch inside a logarithm would be biased. */
function refuseBatchInside(marginal: Marginal, terms: readonly Term[], state: State): void {
  const inside = terms.filter((term) => dependsOn(term.node, marginal.value)).flatMap((term) => term.plates);
  const batched = inside.find((plate) => state.plan.batched.has(plate) && !marginal.plates.includes(plate));
  if (batched !== undefined)
    state.report.push(diagnose("PPL507", marginal.span, { plate: batched, name: marginal.name }));
}
