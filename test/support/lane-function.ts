// A map op as the engine's modules compute it, in either precision, and errors in units of the last place.

import { wasmWith } from "../../src/exec/wasm.ts";
import type { Precision } from "../../src/exec/wasm/code/lanes.ts";
import { make } from "../../src/ir/make.ts";
import type { MapOp } from "../../src/ir/op.ts";
import { ops, param } from "../../src/op/index.ts";

export const mapOp = (name: string): MapOp => ops.find((op): op is MapOp => op.kind === "map" && op.name === name)!;

/** f(arguments) for rows of arguments. */
export function onLanes(name: string, precision: Precision, rows: readonly (readonly number[])[]): Float64Array {
  const leaves = rows[0]!.map((_, i) => param(`x${i}`, ["N"], []));
  const graph = { outputs: { y: make(mapOp(name), leaves) } };
  const params = Object.fromEntries(leaves.map((_, i) => [`x${i}`, Float64Array.from(rows, (row) => row[i]!)]));
  const inputs = { params, sizes: { N: rows.length }, seed: 0, step: 0 };
  return wasmWith({ precision }).load(graph, {}).run(inputs)["y"]!.values;
}

const DIGITS = { f64: 53, f32: 24 } as const;

/** The distance of neighbours at a normal number. */
export const ulp = (x: number, precision: Precision): number =>
  2 ** (Math.floor(Math.log2(Math.abs(x))) - DIGITS[precision] + 1);
