// What an engine offers. An engine knows ops, axes and layouts; it knows no distribution, model or estimator.

import type { Axis, Graph } from "../ir/node.ts";

/** Everything that a run supplies. Arrays are dense and row-major: the leaf's axes in the order of `node.axes`, then its event shape. */
export type Inputs = {
  /** `param` leaves by name. */
  readonly params: Readonly<Record<string, Float64Array>>;
  /** Sizes of all axes of the graph. */
  readonly sizes: Readonly<Record<Axis, number>>;
  /** For a batched axis, the data members that are present now (length = its size); absent: 0, 1, 2, … */
  readonly members?: Readonly<Record<Axis, Int32Array>>;
  /** Full sizes of batched axes, so that the noise of a datum does not depend on the batch. */
  readonly fullSizes?: Readonly<Record<Axis, number>>;
  /** Key of all randomness of this run. */
  readonly seed: number;
  readonly step: number;
  /** Replaces the generator for `noise` leaves of these sites (fixed draws); layout as for params, particle axis included. */
  readonly noise?: Readonly<Record<string, Float64Array>>;
};

/** A value with its layout: axes, then event shape. */
export type Tensor = {
  readonly axes: readonly Axis[];
  readonly shape: readonly number[];
  readonly values: Float64Array;
};

/** What goes on from step to step when many are made in one call. */
export type Iteration = {
  /** The output that each of these `param` leaves takes after a step; all are computed before any is replaced. */
  readonly carry: Readonly<Record<string, string>>;
  /** Outputs of one number whose value is kept at every step. */
  readonly record: readonly string[];
  /** Batched axes whose members are drawn anew for every step: a random subset of the full size (`subsets`, random.ts), keyed by this name. */
  readonly batches?: Readonly<Record<Axis, string>>;
};

/** Of the first step; the next ones are numbered on. */
export type IterationInputs = Omit<Inputs, "members">;

export type Iterated = {
  /** The carried leaves after the last step. */
  readonly params: Record<string, Float64Array>;
  /** One number per step. */
  readonly records: Record<string, Float64Array>;
};

export type Executable = {
  /** Computes the outputs (all, or those named). The arrays are the caller's to keep. */
  readonly run: (inputs: Inputs, outputs?: readonly string[]) => Record<string, Tensor>;
  /** Makes so many steps (none gives the leaves back). However they are cut into calls, the numbers are the same. */
  readonly iterate: (inputs: IterationInputs, iteration: Iteration, steps: number) => Iterated;
};

export type Engine = {
  readonly name: "reference" | "wasm" | "tensorflow";
  /** Of the numbers of a run; what depends on data alone is computed in float64. */
  readonly precision: "f64" | "f32";
  /** The same engine in float64: itself, where it is. */
  readonly inDouble: () => Engine;
  /** How many threads share the work of large steps: those that were found to make them faster, or asked for, once there was such a step. */
  readonly threads: () => number;
  /** Lets go of threads, where it has any; they are back when they are needed. */
  readonly end: () => void;
  /** `data`: values of the `data` leaves; what depends on them alone is computed once. */
  readonly load: (graph: Graph, data: Readonly<Record<string, Float64Array>>) => Executable;
};
