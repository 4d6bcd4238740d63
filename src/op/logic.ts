// Comparisons and choice. Truth is 1 and 0; any number but 0 counts as true.

import type { Node } from "../ir/node.ts";
import { commonShape, sameList } from "../ir/shape.ts";
import { mul, sub } from "./arithmetic.ts";
import { binary, ternary, unary, type Binary, type Ternary, type Unary } from "./build.ts";
import { numberOf, scalar } from "./leaf.ts";

export const less: Binary = binary({ name: "less", doc: "a < b", scalar: (a, b) => (a < b ? 1 : 0), grad: null });
export const lessEqual: Binary = binary({
  name: "lessEqual",
  doc: "a <= b",
  scalar: (a, b) => (a <= b ? 1 : 0),
  grad: null,
});
export const equal: Binary = binary({ name: "equal", doc: "a = b", scalar: (a, b) => (a === b ? 1 : 0), grad: null });
export const and: Binary = binary({
  name: "and",
  doc: "both",
  scalar: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  grad: null,
});
export const or: Binary = binary({
  name: "or",
  doc: "at least one",
  scalar: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  grad: null,
});
export const not: Unary = unary({ name: "not", doc: "1 for 0, else 0", scalar: (x) => (x === 0 ? 1 : 0), grad: null });
export const isFinite: Unary = unary({
  name: "isFinite",
  doc: "neither infinite nor NaN",
  scalar: (x) => (Number.isFinite(x) ? 1 : 0),
  grad: null,
});

/** Both branches are evaluated, one is taken. The branch not taken gets a cotangent of exactly 0, never 0 · NaN. */
export const select: Ternary = ternary({
  name: "select",
  doc: "a where c is not 0, else b",
  scalar: (c, a, b) => (c !== 0 ? a : b),
  grad: (ct, c) => [null, select(c, ct, scalar(0)), select(c, scalar(0), ct)],
  law: (c, a, b) => {
    if (a === b && c.shape.length <= a.shape.length) return a; // both branches alike
    const known = numberOf(c);
    const taken = known === null ? null : known !== 0 ? a : b; // a known condition
    return taken !== null && sameList(taken.shape, commonShape([a, b], "select")) ? taken : null;
  },
});

/** `select` by a value that is 0 or 1, extended to the values between as c a + (1 - c) b: how a cost extends from the
 *  two values of a drawn Boolean. The side of weight 0 gets a cotangent of exactly 0. */
export const branch: Ternary = ternary({
  name: "branch",
  doc: "a where c is 1, b where c is 0; between them c a + (1 - c) b",
  scalar: (c, a, b) => (c === 1 ? a : c === 0 ? b : c * a + (1 - c) * b),
  grad: (ct, c, a, b) => {
    const rest = sub(scalar(1), c);
    return [mul(ct, sub(a, b)), select(c, mul(ct, c), scalar(0)), select(rest, mul(ct, rest), scalar(0))];
  },
  law: (c, a, b) => (a === b && c.shape.length <= a.shape.length ? a : null),
});

export const minimum: Binary = binary({
  name: "minimum",
  doc: "the smaller of a and b",
  scalar: Math.min,
  grad: (ct, a, b) => toTaken(ct, lessEqual(a, b)), // all to the one taken; to a where they are equal
});
export const maximum: Binary = binary({
  name: "maximum",
  doc: "the larger of a and b",
  scalar: Math.max,
  grad: (ct, a, b) => toTaken(ct, lessEqual(b, a)),
});

const toTaken = (ct: Node, first: Node): readonly Node[] => [
  select(first, ct, scalar(0)),
  select(first, scalar(0), ct),
];

export const logicOps = [less, lessEqual, equal, and, or, not, isFinite, select, branch, minimum, maximum].map(
  (b) => b.op,
);
