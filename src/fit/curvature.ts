// Second derivatives of -F by forward differences of the gradient.

import { transpose } from "./linear-algebra.ts";
import { repeated } from "./start.ts";
import type { FixedTarget } from "./target.ts";
import type { Point } from "./lbfgs.ts";
import { placeObjective, sdsFrom } from "./locate.ts";
import * as math from "../op/special/elementary.ts";

/** Steps in standard deviations. */
const STEP = 1e-4;
/** Factor between the sds that set the steps of differences and those that come out, above which steps were too long or
 *  lost in rounding. */
const FAR_OFF = 30;
const REPEATS = 3;

/** The Hessian with differences on its own scale: taken again while its diagonal shows that the sds behind the steps
 *  were far off. */
export function sharpHessian(
  target: FixedTarget,
  at: Point,
  guess: Float64Array,
  eps: Float64Array,
  n: number,
): Float64Array {
  const size = at.v.length;
  let sds = guess;
  for (let repeat = 0; ; repeat++) {
    const hessian = differencedHessian(target, at, sds, eps, n);
    const own = sdsFrom(at.v.map((_, i) => hessian[i * size + i]!));
    const far = own.some((sd, i) => Math.abs(math.log(sd / sds[i]!)) > math.log(FAR_OFF));
    if (!far || repeat === REPEATS) return hessian;
    sds = own;
  }
}

/** The symmetric Hessian [D, D] of -mean F at `at`, D = dim + points, with differences of STEP * sds. Costs D gradients
 *  per draw of eps. All x-directions are one call, since a call takes many x but one vector of points. */
function differencedHessian(
  target: FixedTarget,
  at: Point,
  sds: Float64Array,
  eps: Float64Array,
  n: number,
): Float64Array {
  const { dim, points } = target;
  const size = dim + points;
  const columns = new Float64Array(size * size);
  if (dim > 0) xColumns(target, at, sds, eps, n, columns);
  const objective = placeObjective(target, eps, n);
  for (let j = dim; j < size; j++) {
    const h = STEP * sds[j]!;
    const moved = Float64Array.from(at.v);
    moved[j]! += h;
    const { g } = objective(moved);
    for (let i = 0; i < size; i++) columns[j * size + i] = (g[i]! - at.g[i]!) / h;
    // Rows of x know nothing of points: their share comes by symmetry.
    for (let i = 0; i < dim; i++) columns[i * size + j] = columns[j * size + i]!;
  }
  return symmetric(columns, size);
}

function xColumns(
  target: FixedTarget,
  at: Point,
  sds: Float64Array,
  eps: Float64Array,
  n: number,
  columns: Float64Array,
): void {
  const { dim, points } = target;
  const x = repeated(at.v.subarray(0, dim), dim * n);
  for (let j = 0; j < dim; j++) for (let i = 0; i < n; i++) x[(j * n + i) * dim + j]! += STEP * sds[j]!;
  const { gradX } = target.evaluate(x, at.v.slice(dim), repeated(eps, dim), dim * n);
  for (let j = 0; j < dim; j++) {
    for (let k = 0; k < dim; k++) {
      let g = 0;
      for (let i = 0; i < n; i++) g -= gradX[(j * n + i) * dim + k]! / n;
      columns[j * (dim + points) + k] = (g - at.g[k]!) / (STEP * sds[j]!);
    }
  }
}

function symmetric(a: Float64Array, n: number): Float64Array {
  const other = transpose(a, n);
  return a.map((entry, index) => (entry + other[index]!) / 2);
}
