// The engine of a run from what was asked for, with the reason; or why it cannot be had.

import type { Engine } from "./engine.ts";
import { reference } from "./reference.ts";
import { lacking } from "./wasm/platform.ts";
import { wasmWith, type WasmOptions } from "./wasm.ts";

/** What a user may write. */
export type EngineWish = "auto" | "wasm" | "reference";

export type EngineChoice = { readonly engine: Engine; readonly reason: string };

/** `problem`: what the platform lacks for the WebAssembly engine. Nothing takes its place unasked: it is ten times faster than what is left. */
export function chooseEngine(
  wish: EngineWish,
  options: WasmOptions = {},
  problem: string | null = lacking(),
): EngineChoice | { readonly problem: string } {
  if (wish === "reference") return { engine: reference, reason: "asked for; the float64 interpreter, simple and slow" };
  if (problem !== null) return { problem };
  const engine = wasmWith(options);
  const lanes = engine.precision === "f64" ? "float64 on two lanes" : "float32 on four lanes";
  const { threads = 1 } = options;
  const several = typeof threads === "number" && threads > 1 ? `, large steps on ${threads} threads` : "";
  const reason = wish === "wasm" ? "asked for" : `one WebAssembly module of fused loops, ${lanes}`;
  return { engine, reason: reason + several };
}
