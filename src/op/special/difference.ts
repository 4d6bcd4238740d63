// The derivative of a smooth positive-argument function where no formula is known.

/** Relative step at which the errors of fourth-order differences and of rounding are about equal, 1e-11. */
const STEP = 2e-3;

/** f'(x), x > 0: (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h, h = STEP x. */
export function differenceAt(f: (x: number) => number, x: number): number {
  const h = STEP * x;
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}
