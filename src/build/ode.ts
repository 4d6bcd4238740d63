// `ode` as graph: classical Runge-Kutta steps as a scan. The scan's axis has one member per step, not per interval: its
// step is one step of the method whatever their number, and memory is the same, since reverse mode keeps what each of
// them read.

import type { Node } from "../ir/node.ts";
import {
  add,
  concat,
  constant,
  div,
  floor,
  gather,
  iota,
  mul,
  reshape,
  scalar,
  scan,
  sub,
  toEvent,
} from "../op/index.ts";
import type { Expr } from "../model/model.ts";
import { evaluate, evaluateArray, type Context } from "./expr.ts";
import type { Scope } from "./scope.ts";
import { arrayValue, nodesOf, type Value } from "./value.ts";

export type OdeExpr = Extract<Expr, { kind: "ode" }>;

/** The states at the times `ts`: event [times, state…]. The scope notes it, with the same at twice the steps. */
export function solution(expr: OdeExpr, ctx: Context): Node {
  const locals = new Map<typeof expr.state, Value>(
    expr.args.map(({ symbol, value }) => [symbol, evaluate(value, ctx)]),
  );
  const inside: Scope = { ...ctx.scope, report: [], checks: [] };
  const rate = (time: Node, state: Node, scope: Scope): Node =>
    evaluateArray(expr.rate, {
      ...ctx,
      scope,
      locals: new Map([...ctx.locals, ...locals, [expr.time, arrayValue(time)], [expr.state, arrayValue(state)]]),
    }).node;
  const inputs: Inputs = {
    y0: evaluateArray(expr.y0, ctx).node,
    t0: evaluateArray(expr.t0, ctx).node,
    ts: evaluateArray(expr.ts, ctx).node,
    args: [...locals.values()].flatMap(nodesOf),
    rate: (time, state) => rate(time, state, inside),
  };
  rate(inputs.t0, inputs.y0, ctx.scope); // notes its reads of data, which in a step may depend on the state
  const found = solved(inputs, expr.steps);
  ctx.scope.solutions.push({
    span: expr.span,
    steps: expr.steps,
    value: found,
    finer: () => solved(inputs, 2 * expr.steps),
  });
  return found;
}

type Inputs = {
  readonly y0: Node;
  readonly t0: Node;
  readonly ts: Node;
  readonly args: readonly Node[];
  readonly rate: (time: Node, state: Node) => Node;
};

function solved({ y0, t0, ts, args, rate }: Inputs, steps: number): Node {
  const intervals = ts.shape[0] as number;
  const count = intervals * steps;
  const axis = freshAxis(count, [y0, t0, ts, ...args]);
  const at = iota(axis);
  const interval = floor(div(at, scalar(steps)));
  const ends = concat([reshape(t0, [1]), ts], 0);
  const begin = gather(ends, 0, interval);
  const h = div(sub(gather(ends, 0, add(interval, scalar(1))), begin), scalar(steps));
  const time = add(begin, mul(h, sub(at, mul(interval, scalar(steps)))));
  const states = toEvent(
    scan(axis, count, y0, (state) => step(rate, time, h, state)),
    axis,
    0,
    count,
  );
  return gather(
    states,
    0,
    constant(
      Array.from({ length: intervals }, (_, i) => (i + 1) * steps - 1),
      [intervals],
    ),
  );
}

/** y + h/6 (k1 + 2 k2 + 2 k3 + k4), the classical method of order four. */
function step(rate: Inputs["rate"], time: Node, h: Node, y: Node): Node {
  const half = mul(h, scalar(0.5));
  const middle = add(time, half);
  const k1 = rate(time, y);
  const k2 = rate(middle, add(y, mul(half, k1)));
  const k3 = rate(middle, add(y, mul(half, k2)));
  const k4 = rate(add(time, h), add(y, mul(h, k3)));
  return add(y, mul(div(h, scalar(6)), add(add(k1, k4), mul(scalar(2), add(k2, k3)))));
}

/** An axis of `count` members that none of the nodes has: named like a plate over a number. */
function freshAxis(count: number, nodes: readonly Node[]): string {
  const taken = new Set(nodes.flatMap((node) => node.axes));
  let axis = String(count);
  while (taken.has(axis)) axis += "'";
  return axis;
}
