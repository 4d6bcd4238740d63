// The checked program: names resolved, types and shapes known, functions inlined; still no data.
// `build/` walks it and needs to decide nothing about the language.

import type { Span } from "../base/span.ts";
import type { Source } from "../base/span.ts";
import type { ArrayType, Elem, Type } from "./types.ts";

export type Model = {
  readonly source: Source;
  /** 0 or 1: what subscripts, index data and index values count from. */
  readonly base: 0 | 1;
  readonly dims: readonly DimDecl[];
  readonly data: readonly DataDecl[];
  readonly body: readonly Stmt[];
  readonly guide: readonly Stmt[];
  readonly families: Families;
  /** All latent sites in the order of the model block. */
  readonly sites: readonly SampleStmt[];
  readonly reports: readonly ReportStmt[];
  /** What is drawn after the fit. A bound model has only the blocks whose data is there. */
  readonly predict: readonly Predict[];
};

/** A `predict` block: its own data, and statements that see the model's outermost names. */
export type Predict = {
  readonly dims: readonly DimDecl[];
  readonly data: readonly DataDecl[];
  readonly body: readonly Stmt[];
  readonly span: Span;
};

/** A dim's size: the data's key, else an array declared with it, else its default. */
export type DimDecl = {
  readonly name: string;
  readonly from: string | null;
  readonly value: Expr | null;
  readonly span: Span;
};

export type DataDecl = {
  readonly symbol: Symbol;
  readonly type: ArrayType;
  readonly optional: boolean;
  readonly bounds: readonly Bound[];
  readonly from: readonly string[] | null;
  readonly value: Expr | null;
  readonly span: Span;
};
export type Bound = { readonly kind: ">" | ">=" | "<" | "<="; readonly value: Expr };

/** What a name means. `axes`: the plate axes that the value carries, in the order in which they were written (`x[i,
 *  j]`); `type` is that of one member. The whole value has the dims of `axes` in front of `type.shape`. */
export type Symbol = {
  readonly name: string;
  readonly kind: "data" | "dim" | "site" | "let" | "param" | "plate-index" | "local" | "constant";
  readonly type: Type;
  readonly axes: readonly PlateAxis[];
  /** Does the value depend on data only, or on sites or params? */
  readonly stage: "data" | "latent";
  readonly span: Span;
};

/** A plate as an axis of the graph. Sibling plates over one dim share its axis, so that `theta[i]` in a sibling reads
 *  the same member; a dim opened twice at once gets `J'`, `J''`. */
export type PlateAxis = { readonly axis: string; readonly dim: string | number };

export type Binder = { readonly symbol: Symbol; readonly plate: PlateAxis; readonly span: Span };

// ---------------------------------------------------------------------------------------- statements

export type Stmt =
  SampleStmt | ObserveStmt | LetStmt | FactorStmt | ReportStmt | ParamStmt | PlateStmt | ScanStmt | IfStmt;

export type Options = readonly { readonly name: string; readonly value: number | string | boolean }[];
export type Wish = { readonly name: string; readonly options: Options; readonly span: Span };

export type SampleStmt = {
  readonly kind: "sample";
  readonly symbol: Symbol;
  /** All open plates, outermost first (= the axes of the site). */
  readonly plates: readonly PlateAxis[];
  readonly dist: DistExpr;
  readonly estimator: Wish | null;
  readonly outputName: string;
  /** `@marginal`: summed out of the density; no guide. */
  readonly marginal: boolean;
  readonly span: Span;
};
export type ObserveStmt = {
  readonly kind: "observe";
  readonly name: string;
  readonly plates: readonly PlateAxis[];
  readonly value: Expr;
  readonly dist: DistExpr;
  /** `@marginal`: missing entries are summed out of the density. */
  readonly marginal: boolean;
  readonly span: Span;
};
export type LetStmt = {
  readonly kind: "let";
  readonly symbol: Symbol;
  readonly plates: readonly PlateAxis[];
  readonly value: Expr;
  readonly span: Span;
};
export type FactorStmt = {
  readonly kind: "factor";
  readonly plates: readonly PlateAxis[];
  readonly value: Expr;
  readonly span: Span;
};
export type ReportStmt = {
  readonly kind: "report";
  readonly symbol: Symbol;
  readonly plates: readonly PlateAxis[];
  readonly value: Expr;
  readonly outputName: string;
  readonly span: Span;
};
export type ParamStmt = {
  readonly kind: "param";
  readonly symbol: Symbol;
  readonly plates: readonly PlateAxis[];
  readonly bounds: readonly Bound[];
  readonly value: Expr;
  readonly span: Span;
};
export type PlateStmt = {
  readonly kind: "plate";
  readonly binders: readonly Binder[];
  readonly body: readonly Stmt[];
  readonly span: Span;
};
/** An ordered recursion. For whatever is not carried it is a plate of one index. */
export type ScanStmt = {
  readonly kind: "scan";
  readonly binders: readonly [Binder];
  readonly direction: "forward" | "backward";
  readonly carried: readonly Carried[];
  readonly body: readonly Stmt[];
  readonly span: Span;
};
/** A name whose earlier values the body of a scan reads. `symbol`: what the body defines, a `let` or a site on the
 *  scan's axis. `start`: its value before the first step, with the dims of `startAxes` in front; null where no step
 *  reads that. */
export type Carried = {
  readonly symbol: Symbol;
  readonly start: Expr | null;
  readonly startAxes: readonly PlateAxis[];
  readonly earlier: readonly Earlier[];
};
/** The value `lag` steps before (after, in a backward scan) as a name of its own: the axes of the carried one without
 *  the scan's. */
export type Earlier = { readonly lag: number; readonly symbol: Symbol };
/** A condition on data: the statements exist only for the members where it holds. One on latents chooses which terms
 *  count, and holds no `sample`, `param` or `report`. */
export type IfStmt = {
  readonly kind: "if";
  readonly condition: Expr;
  readonly then: readonly Stmt[];
  readonly otherwise: readonly Stmt[];
  readonly span: Span;
};

/** `default FAMILY` and `block a, b: FAMILY` of the guide. */
export type Families = {
  readonly default: Family | null;
  readonly blocks: readonly { readonly sites: readonly string[]; readonly family: Family; readonly span: Span }[];
};
export type Family = { readonly name: string; readonly options: Options; readonly span: Span };

// ---------------------------------------------------------------------------------------- expressions

/** `Name(args)`: the row of the distribution table, the form that the named arguments choose, and the type of a
 *  draw. */
export type DistExpr = {
  readonly name: string;
  /** Position in the row's `forms`. */
  readonly form: number;
  readonly args: Readonly<Record<string, Expr>>;
  /** The distributions inside a combinator; none elsewhere. */
  readonly parts: readonly DistExpr[];
  /** `[k in K: D]`: the one part stands for a list, and its arguments may name the index. */
  readonly each: Binder | null;
  /** Type of one draw (of one plate member). */
  readonly type: ArrayType;
  readonly span: Span;
};

export type Subscript =
  | { readonly kind: "index"; readonly value: Expr }
  | { readonly kind: "slice"; readonly from: Expr | null; readonly to: Expr | null };

/** Every expression carries its type, whether it depends on latents, and its place. */
export type Expr = { readonly type: Type; readonly stage: "data" | "latent"; readonly span: Span } & (
  | { readonly kind: "number"; readonly value: number }
  /** The whole value of a symbol: the dims of its axes in front. A plate index is a scalar `index(D)`. */
  | { readonly kind: "name"; readonly symbol: Symbol }
  /** `base[subs]`; missing trailing positions are whole. When `base` is a `name`, the first positions are its axes. */
  | { readonly kind: "subscript"; readonly base: Expr; readonly subs: readonly Subscript[] }
  /** A row of the function table (operators too: `add`, `less`, `and` …). `over`: the position of the dim that a
   *  reduction names. */
  | { readonly kind: "call"; readonly fn: string; readonly args: readonly Expr[]; readonly over: number | null }
  | { readonly kind: "if"; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
  | { readonly kind: "array"; readonly items: readonly Expr[] }
  | { readonly kind: "comprehension"; readonly binders: readonly Binder[]; readonly body: Expr }
  | { readonly kind: "record"; readonly fields: Readonly<Record<string, Expr>> }
  | { readonly kind: "field"; readonly base: Expr; readonly field: string }
  /** Written in a file whose numbers count members from `base`, not from what the model's file does. */
  | { readonly kind: "based"; readonly base: 0 | 1; readonly value: Expr }
  /** What the statements of a `fun` define (`let`s, in plates, scans and conditions), then its value. */
  | { readonly kind: "body"; readonly statements: readonly Stmt[]; readonly value: Expr }
  /** An inlined `fun`: its parameters in order, then the value. */
  | {
      readonly kind: "where";
      readonly bindings: readonly { readonly symbol: Symbol; readonly value: Expr }[];
      readonly value: Expr;
    }
  /** The solution of y' = rate at the times `ts`, where `rate` reads `time`, `state` and the names of `args`; `steps`
   *  in each interval. */
  | {
      readonly kind: "ode";
      readonly rate: Expr;
      readonly time: Symbol;
      readonly state: Symbol;
      readonly args: readonly { readonly symbol: Symbol; readonly value: Expr }[];
      readonly y0: Expr;
      readonly t0: Expr;
      readonly ts: Expr;
      readonly steps: number;
    }
  /** `log_prob(D, x)`, `log_cdf`, `log_ccdf`, `cdf`. */
  | {
      readonly kind: "density";
      readonly fn: "log_prob" | "log_cdf" | "log_ccdf" | "cdf";
      readonly dist: DistExpr;
      readonly at: Expr;
    }
);

export type { Elem };
