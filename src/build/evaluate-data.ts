// Expressions of data alone: defaults, sizes and bounds, evaluated while the data is read.

import { ice } from "../base/ice.ts";
import type { EvaluateData } from "../model/bound.ts";
import { evaluateArray } from "./expr.ts";
import { createScope, valuesOf } from "./scope.ts";

/** Evaluates with the sizes and arrays that are known so far. */
export const dataEvaluator =
  (base: 0 | 1): EvaluateData =>
  (expr, known) => {
    const supply = { site: () => ice("data that depends on a site"), param: () => ice("data that depends on a param") };
    const scope = createScope(known, base, [], new Set(), [], supply);
    const { node } = evaluateArray(expr, { scope, locals: new Map(), guard: null });
    return { shape: node.shape, values: valuesOf(node, known) };
  };
