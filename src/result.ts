// What the public functions take and give.

import type { Diagnostic } from "./base/diagnostic.ts";
import type { EngineWish } from "./exec/choose.ts";

/** Numbers or nested lists in the shape of the site. */
export type Nested = number | readonly Nested[];

/** Data as JSON gives it: numbers, booleans, strings, null, nested lists. */
export type DataValue = number | boolean | string | null | readonly DataValue[];
/** A rectangular array of numbers, row-major: what a binary file holds, or a typed array of the caller. NaN is a missing entry. */
export type NumericArray = { readonly shape: readonly number[]; readonly values: TypedArray };
export type TypedArray =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;
/** A column of text: numbers, Booleans or names, as the declaration says; an empty cell, `NA` and `NaN` are missing. */
export type TextColumn = { readonly cells: readonly string[] };
export type RawValue = DataValue | NumericArray | TextColumn;
export type RawData = Readonly<Record<string, RawValue>>;

/** Where a key of the data comes from, for messages. `lines`: in a table, the line of each entry. */
export type DataOrigin = { readonly file: string; readonly lines: readonly number[] | null };

export type InferOptions = {
  readonly seed?: number;
  /** `auto` (default): wasm. */
  readonly engine?: EngineWish;
  /** `f64` (default), or `f32`: four numbers at a time, six digits. */
  readonly precision?: "f64" | "f32";
  /** Bytes that one evaluation may take (default 2e9). */
  readonly memory?: number;
  /** How many share the work of large steps; `auto` (default): as many as the machine has, where they are found to be faster. The numbers are the same. */
  readonly threads?: number | "auto";
  /** Draws per step of the stochastic protocol (default 8). */
  readonly particles?: number;
  /** `auto`, or a family as the guide block writes it: `fullrank`, `lowrank(3)`, `flow(iaf, layers = 2)`. */
  readonly guide?: string;
  readonly policy?: "auto" | "exact" | "measured";
  /** `elbo` (default), `iwae`, `renyi(alpha=0.5)`, `vargrad`. */
  readonly objective?: string;
  /** Estimator per site: { z: "loo" }, with options as `loo` or `path(weight=0.5)`. */
  readonly estimators?: Readonly<Record<string, string>>;
  readonly method?: "auto" | "fixed" | "adam";
  /** Budget of optimiser steps of the stochastic protocol. */
  readonly steps?: number;
  /** Members per step of a batched plate: { N: 256 }. */
  readonly batch?: Readonly<Record<string, number>>;
  /** Posterior draws kept (default 1000). */
  readonly draws?: number;
  /** Whether new data is drawn for every `observe` (default true). */
  readonly predictive?: boolean;
  readonly onProgress?: (event: ProgressEvent) => void;
};
export type ProgressEvent = {
  readonly phase: string;
  readonly gradients: number;
  readonly elbo: number;
  readonly done: number | null;
};

export type Summary = {
  readonly mean: Nested;
  readonly sd: Nested;
  readonly q05: Nested;
  readonly q50: Nested;
  readonly q95: Nested;
};

/** One row of `explain`. */
export type Choice = {
  readonly site: string;
  /** e.g. "real, plate J (8)", "category of 3, plate N (1000)". */
  readonly kind: string;
  readonly guide: string;
  readonly estimator: string;
  readonly unbiased: boolean;
  readonly bias: string;
  readonly cost: string;
  readonly reason: string;
  readonly rejected: readonly { readonly estimator: string; readonly admitted: boolean; readonly reason: string }[];
  /** Set when another estimator is better here than the default. */
  readonly advice: string | null;
};

/** What was climbed. */
export type ObjectiveResult = {
  readonly name: string;
  readonly particles: number;
  /** Order of a Rényi bound. */
  readonly alpha?: number;
  /** Of a bound of several draws: its value at the fitted guide, with its standard error. */
  readonly bound?: { readonly mean: number; readonly se: number };
};

export type Explanation = {
  readonly model: string;
  readonly objective: Omit<ObjectiveResult, "bound"> & { readonly reason: string };
  readonly guide: { readonly family: string; readonly reason: string };
  readonly method: { readonly name: "fixed" | "adam"; readonly reason: string };
  readonly engine: { readonly name: string; readonly reason: string };
  readonly choices: readonly Choice[];
  /** Bytes of one evaluation (of one draw, where draws are held fixed) on the WebAssembly engine: of data, of parameters and noise, of all that is computed. */
  readonly memory: {
    readonly data: number;
    readonly parameters: number;
    readonly temporaries: number;
    readonly total: number;
  } | null;
  /** Dims and their sizes, plates, number of unconstrained coordinates, nodes of the graph. */
  readonly dims: Readonly<Record<string, number>>;
  readonly coordinates: number;
  readonly nodes: number;
};

/** Of the gradient in a site's guide parameters, at those of the fit: one step's estimate, in the guide's units. */
export type SiteGradient = {
  readonly site: string;
  readonly estimator: string;
  /** Gradient estimates behind the numbers. */
  readonly replicates: number;
  /** Summed over the parameters, with its standard error. */
  readonly variance: { readonly value: number; readonly se: number };
  readonly bias: GradientBias | null;
};

/** Length of the bias beyond what noise explains; `se`: the length that noise alone would show; `against`: "exact", or the unbiased estimator
 *  that stands for it. */
export type GradientBias = { readonly value: number; readonly se: number; readonly against: string };

/** One estimator at one site. The arrays are over `parameters`, each in its own unit. */
export type GradientCandidate = {
  readonly estimator: string;
  readonly admitted: boolean;
  readonly chosen: boolean;
  /** Why it was chosen, was not, or is not possible. */
  readonly reason: string;
  /** As the estimator declares, not as measured. */
  readonly unbiased: boolean;
  readonly parameters: readonly string[];
} & Partial<GradientMeasurement>;

export type GradientMeasurement = {
  readonly mean: readonly number[];
  /** Standard errors of `mean`. */
  readonly se: readonly number[];
  /** Where all noise can be summed or integrated. */
  readonly exact: readonly number[] | null;
  /** Of one step's estimate. */
  readonly variance: readonly number[];
  /** Of one step of the whole model with this estimator at this site, on the engine of the report. */
  readonly microseconds: number;
  readonly replicates: number;
  readonly bias: GradientBias | null;
  /** In the guide's units, summed over the parameters: the variance, and the mean squared error, which has the bias of a biased one too. */
  readonly total: { readonly value: number; readonly se: number };
  readonly error: { readonly value: number; readonly se: number };
};

/** What `gradients` measures. */
export type GradientReport = {
  readonly model: string;
  readonly seed: number;
  readonly engine: string;
  readonly precision: "f64" | "f32";
  readonly objective: { readonly name: string; readonly particles: number };
  /** Where the guide stood: "a file", or so many steps after its start. */
  readonly at: { readonly from: "file" | "start"; readonly steps: number };
  /** Guide parameters on their unconstrained scale, by name. */
  readonly params: Readonly<Record<string, number | readonly number[]>>;
  readonly sites: Readonly<
    Record<
      string,
      {
        /** Factors that turn gradients into the guide's units: the guide's sd for a Gaussian location, else 1. */
        readonly units: readonly number[];
        /** How the exact gradient was found; null: it is not known. */
        readonly exact: string | null;
        readonly candidates: readonly GradientCandidate[];
      }
    >
  >;
};

/** What the members along each position of a value are called: names from the data, or numbers counted from `base`. */
export type Labels = {
  readonly base: 0 | 1;
  readonly names: readonly (readonly string[] | null)[];
  /** The dims of the program, null where a position has none. */
  readonly dims: readonly (string | null)[];
};

/** Draws of one array, one after the other, each row-major in `shape`. */
export type Draws = { readonly shape: readonly number[]; readonly values: Float64Array };

/** A declared array of the data: members of an `index(D)` counted from the file's base (`members`: their names), NaN for missing entries. */
export type DataResult = Draws & {
  readonly elem: "real" | "int" | "bool" | "index";
  readonly members: readonly string[] | null;
  /** Does an `observe` read it? */
  readonly observed: boolean;
  readonly labels: Labels;
};

/** A fitted model. `infer` returns it; the command line writes it. */
export type Fit = {
  readonly model: string;
  readonly seed: number;
  readonly engine: string;
  readonly device: string;
  readonly precision: "f64" | "f32";
  /** Threads that shared large steps: 1 where there were none, or where more were not faster. */
  readonly threads: number;
  readonly objective: ObjectiveResult;
  readonly guide: string;
  readonly method: "fixed" | "adam";
  readonly steps: number;
  /** Evaluations of the gradient of one draw. */
  readonly gradients: number;
  readonly converged: boolean;
  /** The verdict in a sentence or two, as printed. */
  readonly verdict: string;
  readonly elbo: { readonly mean: number; readonly se: number };
  readonly khat: number;
  readonly seconds: { readonly compile: number; readonly fit: number; readonly total: number };
  readonly sites: Readonly<Record<string, Summary>>;
  readonly reports: Readonly<Record<string, Summary>>;
  /** Of every site, report and param (`labelsOf` in model/labels.ts). */
  readonly labels: Readonly<Record<string, Labels>>;
  readonly params: Readonly<Record<string, Nested>>;
  readonly estimators: readonly Choice[];
  /** Guide parameters on their unconstrained scale: `gradients` measures there. */
  readonly guideParams: GradientReport["params"];
  /** Of the stochastic protocol: how noisy the gradient of each site was in the end. */
  readonly siteGradients: readonly SiteGradient[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** The diagnostics behind `warnings`. */
  readonly diagnostics: readonly Diagnostic[];
  /** Posterior draws; log p and log q of each draw. */
  readonly draws: Readonly<Record<string, Draws>>;
  readonly logp: Float64Array;
  readonly logq: Float64Array;
  readonly trace: readonly (readonly [gradients: number, elbo: number])[];
  /** New data `y_rep` for every observed `y`, in its shape; NaN where no `observe` reads an entry. */
  readonly predictive: Readonly<Record<string, Draws>>;
  /** Draws and reports of the `predict` blocks, and their summaries. */
  readonly predictions: Readonly<Record<string, Draws>>;
  readonly predicted: Readonly<Record<string, Summary>>;
  readonly data: Readonly<Record<string, DataResult>>;
  readonly dims: Readonly<Record<string, number>>;
  /** The text of the model and those of the libraries it imports (`Source.imports`), and the data under the keys of a data file,
   *  sizes of dims included. */
  readonly source: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly input: RawData;
};
