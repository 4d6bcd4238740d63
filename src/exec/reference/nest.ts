// Strided loop nests: the one way in which the reference engine visits numbers. A nest has sizes, outermost first, and
// for each operand its strides.

export type Nest = { readonly sizes: readonly number[]; readonly strides: readonly (readonly number[])[] };

/** One run of the innermost loop: `n` elements; operand i starts at `at[i]` and goes on in steps of `step[i]`. */
export type Inner = (n: number, at: Int32Array, step: Int32Array) => void;

/** Walks through a nest, calling `inner` once for every run of the innermost loop. `start` are the first offsets. */
export function walker(nest: Nest, inner: Inner, start: readonly number[] = nest.strides.map(() => 0)): () => void {
  if (nest.sizes.includes(0)) return () => {};
  const { sizes, strides } = collapsed(nest);
  const last = sizes.length - 1;
  const n = last < 0 ? 1 : sizes[last]!;
  const step = Int32Array.from(strides, (s) => (last < 0 ? 0 : s[last]!));
  const counts = new Int32Array(Math.max(last, 0));
  const at = new Int32Array(strides.length);
  return () => {
    counts.fill(0);
    at.set(start);
    for (;;) {
      inner(n, at, step);
      let d = last - 1;
      for (; d >= 0; d--) {
        const wraps = ++counts[d]! === sizes[d]!;
        const steps = wraps ? 1 - sizes[d]! : 1;
        for (let i = 0; i < at.length; i++) at[i]! += steps * strides[i]![d]!;
        if (!wraps) break;
        counts[d] = 0;
      }
      if (d < 0) return;
    }
  };
}

/** Loops of size 1 vanish; two neighbours that every operand walks as one become one. */
function collapsed({ sizes, strides }: Nest): Nest {
  const kept: number[] = [];
  const steps: number[][] = strides.map(() => []);
  sizes.forEach((size, d) => {
    if (size === 1) return;
    const last = kept.length - 1;
    if (last >= 0 && strides.every((s, i) => steps[i]![last] === s[d]! * size)) {
      kept[last]! *= size;
      steps.forEach((s, i) => (s[last] = strides[i]![d]!));
    } else {
      kept.push(size);
      steps.forEach((s, i) => s.push(strides[i]![d]!));
    }
  });
  return { sizes: kept, strides: steps };
}

/** The same nest with its largest loop innermost: for sums, whose order of loops is free. */
export function largestInside({ sizes, strides }: Nest): Nest {
  const largest = sizes.lastIndexOf(Math.max(...sizes));
  const order = [...sizes.keys()].filter((d) => d !== largest).concat(sizes.length === 0 ? [] : [largest]);
  return { sizes: order.map((d) => sizes[d]!), strides: strides.map((s) => order.map((d) => s[d]!)) };
}
