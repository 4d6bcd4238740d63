// The WebAssembly engine: a graph at given sizes becomes one module with a static memory plan. What depends on data alone is computed once.

import { ice } from "../base/ice.ts";
import type { Graph, Node } from "../ir/node.ts";
import { constantCache, type ConstantCache } from "./data-only.ts";
import type { Engine, Executable } from "./engine.ts";
import { iterated } from "./iterated.ts";
import { kept, type Frame } from "./kept.ts";
import { executable, type Evaluator, type Platform } from "./wasm/executable.ts";
import type { Precision } from "./wasm/code/lanes.ts";
import { lower } from "./wasm/lower.ts";
import { regrouped } from "./wasm/simple/regroup.ts";
import { simplest } from "./wasm/simple/simplest.ts";
import { hasThreads, teamOf, threadsHere, type Team } from "./wasm/threads.ts";

/** `memory`: bytes that one evaluation may take (default 2 GB); `threads`: how many share the work of large steps (default 1), or "auto": as many as the
 *  machine has, where they are found to be faster. The bits of results do not depend on it. */
export type WasmOptions = {
  readonly precision?: Precision;
  readonly memory?: number;
  readonly threads?: number | "auto";
};

const MEMORY = 2e9;
/** As many as a loop has parts at most. */
const MOST_THREADS = 16;

export function wasmWith({ precision = "f64", memory = MEMORY, threads = 1 }: WasmOptions): Engine {
  const team = teamFor(threads);
  const engine: Engine = {
    name: "wasm",
    precision,
    inDouble: () => (precision === "f64" ? engine : wasmWith({ memory })),
    load: (graph, data) => loaded(graph, data, { precision, memory, team }),
    threads: () => (team !== null && team.isAdopted() ? team.size : 1),
    end: () => team?.end(),
  };
  return engine;
}

/** Null: one thread. */
function teamFor(threads: number | "auto"): Team | null {
  if (threads === 1 || !hasThreads()) return null;
  const size = Math.min(threads === "auto" ? threadsHere() : threads, MOST_THREADS);
  return size > 1 ? teamOf(size, threads === "auto") : null;
}

function loaded(graph: Graph, data: Parameters<Engine["load"]>[1], platform: Platform): Executable {
  const simple = simplestGraph(graph);
  const constants = constantCache(simple, data);
  const names = Object.keys(graph.outputs);
  const moduleFor = kept<Evaluator>((frame) => build(simple, frame, constants, platform));
  const run: Executable["run"] = (inputs, outputs = names) => moduleFor(inputs, outputs).run(inputs);
  const iterate: Executable["iterate"] = (inputs, iteration, steps) => {
    if (steps === 0) return iterated(run)(inputs, iteration, steps);
    const outputs = [...new Set([...Object.values(iteration.carry), ...iteration.record])];
    return moduleFor(inputs, outputs, iteration).iterate(inputs, steps);
  };
  return { run, iterate };
}

export const wasm = wasmWith({});

function simplestGraph({ outputs }: Graph): Graph {
  const names = Object.keys(outputs);
  const roots = regrouped(simplest(Object.values(outputs)));
  return { outputs: Object.fromEntries(names.map((name, i) => [name, roots[i]!])) };
}

function build(
  graph: Graph,
  { outputs: names, iteration, ...frame }: Frame,
  constants: ConstantCache,
  platform: Platform,
): Evaluator {
  const nodeOf = (name: string): Node => graph.outputs[name] ?? ice(`the graph has no output ${name}`);
  const many = iteration && {
    carries: Object.entries(iteration.carry).map(([leaf, output]) => ({ leaf, output: nodeOf(output) })),
    recorded: iteration.record.map(nodeOf),
    batches: iteration.batches ?? {},
  };
  const named = names.map((name) => ({ name, node: nodeOf(name) }));
  const lowered = lower(
    named.map(({ node }) => node),
    frame,
    many,
  );
  return executable(named, lowered, iteration?.record ?? [], frame.sizes, constants, platform);
}
