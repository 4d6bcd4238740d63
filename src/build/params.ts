// `param`: leaves on the unconstrained scale of their bounds.

import { ice } from "../base/ice.ts";
import type { Support } from "../dist/dist.ts";
import { bijection } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Bound as DeclaredBound, ParamStmt } from "../model/model.ts";
import { add, fill, param } from "../op/index.ts";
import { type Context, evaluate, evaluateArray } from "./expr.ts";
import { onPlates } from "./gaussian.ts";
import { type State, axesOf, bySize, contextOf, platesSizes } from "./state.ts";
import { type Value, arrayValue } from "./value.ts";

/** `param`: a leaf on the unconstrained scale of its bounds. */
export function paramValue(stmt: ParamStmt, state: State): Value {
  const { symbol } = stmt;
  const ctx = contextOf(state, null);
  const map = bijection(supportOfBounds(stmt.bounds, ctx));
  const plates = bySize(stmt.plates);
  const start = evaluate(stmt.value, ctx);
  if (start.kind !== "array") return ice("a record as a param");
  const sizes = [...platesSizes(plates, state), ...paramShape(stmt, start.node, state)];
  const leaf = param(symbol.name, [], [sizeOf(sizes)]);
  const value = map.fromUnconstrained(onPlates(leaf, { plates, sizes, present: null }, state.plan.batched));
  state.leaves.push({
    name: symbol.name,
    node: leaf,
    size: sizeOf(sizes),
    start: add(map.toUnconstrained(start.node), fill(0, axesOf(plates), sizes.slice(plates.length))),
    scaledBy: null,
    gauge: false,
    learned: false,
    param: { symbol, value, plates: stmt.plates },
  });
  return arrayValue(value);
}

function paramShape(stmt: ParamStmt, start: Node, state: State): readonly number[] {
  const { type } = stmt.symbol;
  if (type.kind !== "array") return ice("a record as a param");
  return type.shape.map((size, i) =>
    size === null ? (start.shape[i] ?? ice("size of a param")) : state.scope.sizeOf(size),
  );
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
