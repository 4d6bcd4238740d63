// Operators, comparisons, logic, and the conversions that the checker puts in.

import type { Node } from "../ir/node.ts";
import type { Elem } from "../model/types.ts";
import { array, bool, index, int, real } from "../model/types.ts";
import { add, div, equal, floor, less, lessEqual, mod, mul, neg, pow, scalar, sub, trunc } from "../op/index.ts";
import { arithmetic, elementwise, gives, spread } from "./elementwise.ts";
import { alike, both, either, opposite } from "./truth.ts";
import type { Pointwise } from "./elementwise.ts";
import type { BuiltRow, Call } from "./row.ts";

const operator = (
  name: string,
  sign: string,
  doc: string,
  spec: Pick<Pointwise, "apply"> & Partial<Pointwise>,
): BuiltRow => elementwise(name, { params: "a, b", doc, operator: sign, ...spec });

/** Of two Booleans, the extension of the truth value: the builder knows which arguments are. */
const equality = (name: string, sign: string, doc: string, of: (same: Node) => Node): BuiltRow => ({
  ...operator(name, sign, doc, { indices: "compare", gives: gives(bool), apply: (a, b) => of(equal(a!, b!)) }),
  build: (args) => {
    const [a, b] = spread(args);
    return of(args.every(({ type }) => type.elem.kind === "bool") ? alike(a!, b!) : equal(a!, b!));
  },
});

const ordering = (name: string, sign: string, doc: string, apply: Pointwise["apply"]): BuiltRow =>
  operator(name, sign, doc, { indices: "order", gives: gives(bool), apply });

/** An int to a literal power of 0, 1, 2, … stays an int. */
const power = (elems: readonly Elem[], call: Call): Elem => {
  const exponent = call.sizes[1] ?? -1;
  return arithmetic(elems).kind === "int" && typeof exponent === "number" && exponent >= 0 ? int : real;
};

export const operators: readonly BuiltRow[] = [
  operator("add", "+", "sum", { gives: arithmetic, apply: add }),
  operator("sub", "-", "difference", { gives: arithmetic, apply: sub }),
  operator("mul", "*", "product, entry by entry", { gives: arithmetic, apply: mul }),
  operator("div", "/", "ratio; always real", { apply: div }),
  operator("mod", "%", "remainder with the sign of b: a - b floor(a / b)", { gives: arithmetic, apply: mod }),
  operator("pow", "^", "power", { gives: power, apply: pow }),
  elementwise("neg", { params: "a", doc: "negative", operator: "-", gives: arithmetic, apply: neg }),
  equality("equal", "==", "a is b; two indices of one dim are compared as members", (same) => same),
  equality("notEqual", "!=", "a is not b", opposite),
  ordering("less", "<", "a is below b", less),
  ordering("lessEqual", "<=", "a is below b or equal", lessEqual),
  ordering("greater", ">", "a is above b", (a, b) => less(b!, a!)),
  ordering("greaterEqual", ">=", "a is above b or equal", (a, b) => lessEqual(b!, a!)),
  operator("and", "&&", "both hold", { takes: bool, gives: gives(bool), apply: both }),
  operator("or", "||", "one or both hold", { takes: bool, gives: gives(bool), apply: either }),
  elementwise("not", {
    params: "a",
    doc: "does not hold",
    operator: "!",
    takes: bool,
    gives: gives(bool),
    apply: opposite,
  }),
];

/** `quotient`, `int`, `real`: conversions that a reader writes. */
export const conversions: readonly BuiltRow[] = [
  elementwise("quotient", {
    params: "a, b",
    doc: "ratio of ints, rounded down",
    takes: int,
    gives: gives(int),
    apply: (a, b) => floor(div(a!, b!)),
  }),
  {
    ...elementwise("int", {
      params: "x",
      doc: "int: a real without its fraction, an index as a number",
      gives: gives(int),
      apply: trunc,
    }),
    build: ([x]) => (x!.type.elem.kind === "real" ? trunc(x!.node) : x!.node),
  },
  elementwise("real", { params: "x", doc: "real", apply: (x) => x! }),
];

const inserted = (name: string, doc: string, spec: Pick<BuiltRow, "type" | "build">): BuiltRow => ({
  ...spec,
  name,
  doc,
  signature: `${name}(x)`,
  kind: "elementwise",
  operator: "",
  arity: { min: 1, max: 1 },
  namesDim: false,
  sizeArguments: "none",
  indices: "keep",
});

/** Put in by the checker, never written. */
export const internal: readonly BuiltRow[] = [
  inserted("index_number", "an index as a number, counted in the file's base", {
    type: ([i]) => array(int, i!.shape),
    build: ([i], { base }) => (base === 0 ? i!.node : add(i!.node, scalar(1))),
  }),
  inserted("index_of", "an int of the file's base as an index", {
    type: ([x]) => array(index(null), x!.shape),
    build: ([x], { base }) => (base === 0 ? x!.node : sub(x!.node, scalar(1))),
  }),
  inserted("size", "size of the dim at position `over`", {
    type: () => array(int, []),
    build: ([x], { over }) => scalar(x!.node.shape[over ?? 0] ?? 1),
  }),
];
