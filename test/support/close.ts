// Comparison of numbers with reference values.

import { expect } from "vitest";

/** Error absolute below 1, relative above; infinities and NaN must be met exactly. */
export function expectClose(found: number, wanted: number, tolerance: number, where: string): void {
  if (!Number.isFinite(wanted)) return expect(found, where).toBe(wanted);
  const error = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
  expect(error, `${where}: ${found}, not ${wanted}`).toBeLessThanOrEqual(tolerance);
}
