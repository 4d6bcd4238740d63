// Contractions over event dims. The axes of the result are the union; the reverse of an einsum is an einsum of a
// permuted spec.

import { ice } from "../base/ice.ts";
import { textAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { NodeType, OpDef } from "../ir/op.ts";
import { sameList, unionAxes } from "../ir/shape.ts";
import { mul } from "./arithmetic.ts";
import { expand, sum } from "./fold.ts";

/** Letters of the two arguments and of the result. */
export type Spec = { readonly a: readonly string[]; readonly b: readonly string[]; readonly out: readonly string[] };

/** `"ij,j->i"` in parts. A letter stands at most once in each part. */
export function parseSpec(text: string): Spec {
  const parts = /^([a-z]*),([a-z]*)->([a-z]*)$/.exec(text) ?? ice(`einsum spec ${text}`);
  const [a, b, out] = parts.slice(1).map((part) => [...part!]) as [string[], string[], string[]];
  if ([a, b, out].some((part) => new Set(part).size < part.length)) ice(`einsum spec ${text} repeats a letter`);
  return { a, b, out };
}

const showSpec = ({ a, b, out }: Spec): string => `${a.join("")},${b.join("")}->${out.join("")}`;

const einsumOp: OpDef = {
  kind: "contract",
  name: "einsum",
  doc: "sum over shared letters of a product",
  type: (inputs, attrs) => einsumType(parseSpec(textAttr(attrs, "spec")), inputs),
  grad: (ct, out) => {
    const { a, b, out: c } = parseSpec(textAttr(out.attrs, "spec"));
    const [x, y] = out.inputs as [Node, Node];
    return [einsum(showSpec({ a: c, b, out: a }), ct, y), einsum(showSpec({ a: c, b: a, out: b }), ct, x)];
  },
  build: ([x, y], attrs) => einsum(textAttr(attrs, "spec"), x!, y!),
};

function einsumType(spec: Spec, inputs: readonly Node[]): NodeType {
  const sizes = new Map<string, number>();
  [spec.a, spec.b].forEach((letters, i) => {
    const { shape } = inputs[i]!;
    if (letters.length !== shape.length) ice(`einsum ${showSpec(spec)} of an argument of rank ${shape.length}`);
    letters.forEach((letter, d) => {
      if ((sizes.get(letter) ?? shape[d]) !== shape[d]) ice(`einsum ${showSpec(spec)}: sizes of ${letter} differ`);
      sizes.set(letter, shape[d]!);
    });
  });
  return {
    axes: unionAxes(inputs),
    shape: spec.out.map((letter) => sizes.get(letter) ?? ice(`einsum result has a new letter ${letter}`)),
  };
}

/** Σ over the letters that the result lacks of a·b: `"ij,j->i"` is a matrix times a vector. */
export function einsum(spec: string, a: Node, b: Node): Node {
  const parts = parseSpec(spec);
  einsumType(parts, [a, b]);
  const [lettersA, x] = withoutLonely(parts.a, a, [...parts.b, ...parts.out]);
  const [lettersB, y] = withoutLonely(parts.b, b, [...parts.a, ...parts.out]);
  if (isPointwise(lettersA, lettersB, parts.out)) return mul(x, y);
  return make(einsumOp, [x, y], { spec: showSpec({ a: lettersA, b: lettersB, out: parts.out }) });
}

/** A letter of one argument only is summed before the product. */
function withoutLonely(letters: readonly string[], x: Node, others: readonly string[]): [readonly string[], Node] {
  const lonely = letters.flatMap((letter, d) => (others.includes(letter) ? [] : [d]));
  return lonely.length === 0 ? [letters, x] : [letters.filter((letter) => others.includes(letter)), sum(x, lonely)];
}

/** Nothing is summed and the letters are in the order of the result: a product. */
const isPointwise = (a: readonly string[], b: readonly string[], out: readonly string[]): boolean =>
  (sameList(a, out) || a.length === 0) && (sameList(b, out) || b.length === 0);

const pickOp: OpDef = {
  kind: "contract",
  name: "pick",
  doc: "sum over the last dim of hot x, where hot is not 0",
  type: (inputs) => ({ axes: unionAxes(inputs), shape: inputs[1]!.shape.slice(0, -1) }),
  // x for hot (everywhere: a straight-through carrier needs the values that were not picked), hot for x
  grad: (ct, out) => {
    const [hot, x] = out.inputs as [Node, Node];
    const along =
      ct.shape.length === 0
        ? ct
        : expand(
            ct,
            x.shape,
            ct.shape.map((_, d) => d),
          );
    return [mul(along, x), mul(along, hot)];
  },
  build: ([hot, x]) => pick(hot!, x!),
};

/** The entry of `x` that the one-hot vector in the last dim of `hot` points to; 0 · -inf counts as 0. */
export function pick(hot: Node, x: Node): Node {
  if (hot.shape.length === 0 || !sameList(hot.shape, x.shape))
    ice(`pick from [${x.shape.join(", ")}] by [${hot.shape.join(", ")}]`);
  return make(pickOp, [hot, x]);
}

export const contractOps: readonly OpDef[] = [einsumOp, pickOp];
