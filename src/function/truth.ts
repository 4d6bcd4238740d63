// Truth values as polynomials, linear in each argument: exact at 0 and 1, and between them the extension by which a
// cost has a slope in a drawn Boolean.

import type { Node } from "../ir/node.ts";
import { add, mul, prod, scalar, sub } from "../op/index.ts";

export const opposite = (a: Node): Node => sub(scalar(1), a);

export const both = (a: Node, b: Node): Node => mul(a, b);

/** a + b - a b. */
export const either = (a: Node, b: Node): Node => sub(add(a, b), mul(a, b));

/** 1 - a - b + 2 a b. */
export const alike = (a: Node, b: Node): Node => add(mul(a, b), mul(opposite(a), opposite(b)));

export const all = (x: Node, dims?: readonly number[]): Node => prod(x, dims);

/** 1 - Π (1 - x). */
export const any = (x: Node, dims?: readonly number[]): Node => opposite(prod(opposite(x), dims));
