// Random numbers of the fit, from the engines' counter-based generator: a seed, a use and a number name a stream of its
// own, so that a run is repeatable and no two uses share numbers.

import { noiseSource } from "../exec/random.ts";

/** Uses of randomness: no site of a model can have such a name. */
export type Use = `fit:${string}`;

/** A stream of uniform numbers strictly inside (0, 1). */
export const uniforms = (seed: number, use: Use, step = 0): (() => number) =>
  counting(noiseSource("uniform", { seed, site: use, step }));

/** `count` independent standard normal numbers. */
export function normals(count: number, seed: number, use: Use, step = 0): Float64Array {
  const at = noiseSource("normal", { seed, site: use, step });
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = at(i);
  return numbers;
}

function counting(at: (index: number) => number): () => number {
  let index = 0;
  return () => at(index++);
}
