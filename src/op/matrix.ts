// Triangular systems. Reverse rules: Giles 2008, "Collected matrix derivative results".

import { ice } from "../base/ice.ts";
import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { GradRule, OpDef } from "../ir/op.ts";
import { unionAxes } from "../ir/shape.ts";
import { neg } from "./arithmetic.ts";
import type { Binary } from "./build.ts";
import { einsum } from "./contract.ts";
import { constant, scalar } from "./leaf.ts";
import { select } from "./logic.ts";

function solver(name: string, doc: string, grad: (ct: Node, L: Node, y: Node) => readonly Node[]): Binary {
  const rule: GradRule = (ct, y) => grad(ct, y.inputs[0]!, y);
  const op: OpDef = {
    kind: "matrix",
    name,
    doc,
    type: (inputs) => ({ axes: unionAxes(inputs), shape: inputs[1]!.shape }),
    grad: rule,
    build: ([L, b]) => builder(L!, b!),
  };
  const builder = (L: Node, b: Node): Node => {
    const [n, m] = L.shape;
    if (L.shape.length !== 2 || n !== m || b.shape.length !== 1 || b.shape[0] !== n) {
      ice(`${name} of [${L.shape.join(", ")}] and [${b.shape.join(", ")}]`);
    }
    return make(op, [L, b]);
  };
  return Object.assign(builder, { op });
}

/** y = L⁻¹ b, L lower triangular (what stands above its diagonal is not read): b gets v = L⁻ᵀ ct, L gets -tril(v
 *  yᵀ). */
export const solveLower: Binary = solver("solveLower", "L⁻¹ b", (ct, L, y) => {
  const v = solveUpper(L, ct);
  return [neg(lower(einsum("i,j->ij", v, y))), v];
});

/** y = L⁻ᵀ b: b gets v = L⁻¹ ct, L gets -tril(y vᵀ). */
export const solveUpper: Binary = solver("solveUpper", "L⁻ᵀ b", (ct, L, y) => {
  const v = solveLower(L, ct);
  return [neg(lower(einsum("i,j->ij", y, v))), v];
});

/** A square matrix with zeros above its diagonal. */
function lower(x: Node): Node {
  const n = x.shape[0]!;
  const mask = Array.from({ length: n * n }, (_, i) => (i % n <= Math.floor(i / n) ? 1 : 0));
  return select(constant(mask, [n, n]), x, scalar(0));
}

export const matrixOps: readonly OpDef[] = [solveLower.op, solveUpper.op];
