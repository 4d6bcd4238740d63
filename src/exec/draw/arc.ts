// The inverse tangent in the operations of samplers.

import { ATAN } from "../../op/special/elementary/trigonometric.ts";
import type { Arithmetic } from "./arithmetic.ts";

/** Above tan(3π/8) π/2 - atan(1/x), above tan(π/8) π/4 + atan((x - 1) / (x + 1)); then t + t³ (c0 + c1 t² + …). */
export function arc<X, T>(a: Arithmetic<X, T>, x: X): X {
  const size = a.abs(x);
  const [isHigh, isMiddle] = [a.less(1 + Math.SQRT2, size), a.less(Math.SQRT2 - 1, size)];
  const above = a.where(isHigh, -1, a.where(isMiddle, a.sub(size, 1), size));
  const t = a.div(above, a.where(isHigh, size, a.where(isMiddle, a.add(size, 1), 1)));
  const z = a.mul(t, t);
  const series = ATAN.reduceRight<X | number>((sum, c) => a.add(a.mul(sum, z), c), 0) as X;
  const start = a.where(isHigh, Math.PI / 2, a.where(isMiddle, Math.PI / 4, 0));
  const angle = a.add(start, a.add(t, a.mul(a.mul(t, z), series)));
  return a.where(a.less(x, 0), a.sub(0, angle), angle);
}
