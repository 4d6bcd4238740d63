// The syntax tree of a `.ppl` file: what the reader wrote, nothing resolved. Every node carries its span.

import type { Span } from "../base/span.ts";

export type Name = { readonly text: string; readonly span: Span };

// ---------------------------------------------------------------------------------------- files

export type File = { readonly items: readonly Item[]; readonly comments: readonly Comment[]; readonly span: Span };

/** Kept for the formatter. `ownLine`: nothing but white space stands before it on its line. */
export type Comment = { readonly text: string; readonly span: Span; readonly ownLine: boolean };

export type Item = Import | Fun | Net | DataBlock | ModelBlock | GuideBlock | PredictBlock;

export type Import = { readonly kind: "import"; readonly path: string; readonly pathSpan: Span; readonly span: Span };
export type Parameter = { readonly name: Name; readonly type: TypeNode };
export type Fun = {
  readonly kind: "fun";
  readonly name: Name;
  readonly params: readonly Parameter[];
  readonly result: TypeNode;
  /** An expression body `= e` or a block that ends in `return`. */
  readonly body: { readonly kind: "expr"; readonly value: Expr } | { readonly kind: "block"; readonly body: Body };
  readonly span: Span;
};
export type Net = {
  readonly kind: "net";
  readonly name: Name;
  readonly params: readonly Parameter[];
  readonly result: TypeNode;
  readonly body: Body;
  readonly span: Span;
};
export type DataBlock = { readonly kind: "data"; readonly items: readonly DataItem[]; readonly span: Span };
export type ModelBlock = { readonly kind: "model"; readonly body: Body; readonly span: Span };
export type GuideBlock = { readonly kind: "guide"; readonly body: Body; readonly span: Span };
export type PredictBlock = {
  readonly kind: "predict";
  readonly data: DataBlock | null;
  readonly body: Body;
  readonly span: Span;
};

// ---------------------------------------------------------------------------------------- data and types

export type DataItem = Base | DimItem | DataDeclaration;
export type Base = { readonly kind: "base"; readonly value: number; readonly span: Span };
export type DimItem = { readonly kind: "dim"; readonly dims: readonly Dim[]; readonly span: Span };
export type Dim = {
  readonly name: Name;
  readonly from: string | null;
  readonly value: Expr | null;
  readonly span: Span;
};
export type DataDeclaration = {
  readonly kind: "declaration";
  readonly name: Name;
  readonly type: TypeNode;
  /** Keys (or columns) of the data: `from "a"` or `from ["a", "b"]`. */
  readonly from: readonly string[] | null;
  readonly value: Expr | null;
  readonly span: Span;
};

export type TypeNode = ArrayType | RecordType;
export type ArrayType = {
  readonly kind: "type";
  /** `real`, `int`, `bool`, `index`; anything else is refused by the checker. */
  readonly name: Name;
  /** The dim of `index(D)`. */
  readonly argument: SizeNode | null;
  readonly optional: boolean;
  readonly sizes: readonly SizeNode[];
  readonly bounds: readonly Bound[];
  readonly span: Span;
};
export type RecordType = {
  readonly kind: "recordType";
  readonly fields: readonly { readonly name: Name; readonly type: TypeNode }[];
  readonly span: Span;
};
export type SizeNode =
  | { readonly kind: "name"; readonly name: Name; readonly span: Span }
  | { readonly kind: "number"; readonly value: number; readonly span: Span };
export type Bound =
  | { readonly kind: ">" | ">=" | "<" | "<="; readonly value: Expr; readonly span: Span }
  | { readonly kind: "in"; readonly lower: Expr; readonly upper: Expr; readonly span: Span };

// ---------------------------------------------------------------------------------------- statements

export type Body = { readonly statements: readonly Statement[]; readonly span: Span };
export type Attribute = { readonly name: Name; readonly args: readonly Arg[]; readonly span: Span };
export type Target = { readonly name: Name; readonly subs: readonly Sub[] | null; readonly span: Span };
export type Binder = { readonly name: Name; readonly size: SizeNode; readonly span: Span };
export type Carried = {
  readonly name: Name;
  readonly type: TypeNode | null;
  readonly start: Expr | null;
  readonly span: Span;
};

export type Statement = { readonly attributes: readonly Attribute[]; readonly span: Span } & (
  | { readonly kind: "sample" | "observe"; readonly target: Target; readonly dist: Expr }
  | { readonly kind: "let"; readonly target: Target; readonly value: Expr }
  | { readonly kind: "report"; readonly target: Target; readonly value: Expr | null }
  | { readonly kind: "param"; readonly target: Target; readonly type: TypeNode | null; readonly value: Expr }
  | { readonly kind: "factor"; readonly value: Expr }
  | { readonly kind: "return"; readonly value: Expr }
  | { readonly kind: "plate"; readonly binders: readonly Binder[]; readonly body: Body }
  | {
      readonly kind: "scan";
      readonly binder: Binder;
      readonly reverse: boolean;
      readonly carried: readonly Carried[];
      readonly body: Body;
    }
  | { readonly kind: "if"; readonly condition: Expr; readonly then: Body; readonly otherwise: Body | null }
  | { readonly kind: "default"; readonly family: Family }
  | { readonly kind: "block"; readonly names: readonly Name[]; readonly family: Family }
);

export type Family = { readonly name: Name; readonly args: readonly Arg[]; readonly span: Span };

// ---------------------------------------------------------------------------------------- expressions

export type BinaryOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%" | "^";

export type Arg = { readonly name: Name | null; readonly value: Expr; readonly span: Span };

export type Sub =
  | { readonly kind: "index"; readonly value: Expr; readonly span: Span }
  | { readonly kind: "slice"; readonly from: Expr | null; readonly to: Expr | null; readonly span: Span };

export type Expr = { readonly span: Span } & (
  | { readonly kind: "int" | "real"; readonly value: number; /** as written */ readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "name"; readonly name: Name }
  | { readonly kind: "call"; readonly name: Name; readonly args: readonly Arg[] }
  | { readonly kind: "unary"; readonly op: "-" | "!"; readonly operand: Expr }
  | {
      readonly kind: "binary";
      readonly op: BinaryOperator;
      readonly opSpan: Span;
      readonly left: Expr;
      readonly right: Expr;
    }
  | { readonly kind: "if"; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
  | { readonly kind: "subscript"; readonly base: Expr; readonly subs: readonly Sub[] }
  | { readonly kind: "field"; readonly base: Expr; readonly field: Name }
  | { readonly kind: "array"; readonly items: readonly Expr[] }
  | { readonly kind: "comprehension"; readonly binders: readonly Binder[]; readonly body: Expr }
  | { readonly kind: "record"; readonly fields: readonly { readonly name: Name; readonly value: Expr }[] }
  | { readonly kind: "parens"; readonly inner: Expr }
  /** Where text was unreadable: the parser reported it, later stages pass over it. */
  | { readonly kind: "missing" }
);
