// Noise and draws: every element gets the number that belongs to its datum, event element and particle.

import { ice } from "../../base/ice.ts";
import { numbersAttr, textAttr, textsAttr } from "../../ir/attrs.ts";
import type { Axis, Node } from "../../ir/node.ts";
import { isPlate, sizeOf } from "../../ir/shape.ts";
import type { Inputs } from "../engine.ts";
import { samplerOf } from "../draw/index.ts";
import { plain } from "../draw/plain.ts";
import { attempts, noiseSource, type NoiseKey } from "../random.ts";
import { axisSizeIn, dimsOf, rowMajor, stridesAlong, type Cell, type Kernel, type Sizes } from "./cell.ts";
import { walker } from "./nest.ts";

/** The axes and event shape that a noise or the key of a draw declares. */
type Declared = { readonly axes: readonly Axis[]; readonly shape: readonly number[] };

const declared = (node: Node): Declared => ({
  axes: textsAttr(node.attrs, "axes"),
  shape: numbersAttr(node.attrs, "shape"),
});

const keyOf = (node: Node, { seed, step }: Inputs): NoiseKey => ({ seed, step, site: textAttr(node.attrs, "site") });

/** One loop over elements: member k is `stride * k` further in memory and adds `index(k)` to the noise index. */
type Loop = { readonly size: number; readonly stride: number; readonly index: (k: number) => number };

/** Loops in the order of the noise index, which is row-major over: axes that are no plates, plates (with their full
 *  sizes and the members that are present), event dims. So it depends on the datum and not on the batch, and more
 *  particles come after. */
function loopsOf({ axes, shape }: Declared, sizes: Sizes, run: Inputs): Loop[] {
  const ordered = [...axes.filter((a) => !isPlate(a)), ...axes.filter(isPlate)];
  const present = dimsOf({ axes, shape }, sizes);
  const memory = rowMajor(present);
  const full = [...ordered.map((a) => (isPlate(a) ? run.fullSizes?.[a] : undefined) ?? axisSizeIn(sizes, a)), ...shape];
  return rowMajor(full).map((stride, d) => {
    const axis = ordered[d];
    const at = axis === undefined ? d : axes.indexOf(axis);
    const members = axis === undefined || !isPlate(axis) ? undefined : run.members?.[axis];
    return {
      size: present[at]!,
      stride: memory[at]!,
      index: (k) => (members === undefined ? k : members[k]!) * stride,
    };
  });
}

/** Calls `each` with the place and the noise index of every element. */
function visit(
  loops: readonly Loop[],
  each: (place: number, index: number) => void,
  depth = 0,
  place = 0,
  index = 0,
): void {
  const loop = loops[depth];
  if (loop === undefined) return each(place, index);
  for (let k = 0; k < loop.size; k++) visit(loops, each, depth + 1, place + k * loop.stride, index + loop.index(k));
}

/** Base noise, or what the run supplies for the site. */
export const noiseKernel: Kernel = ({ node, values }, _, sizes) => {
  const kind = textAttr(node.attrs, "kind") === "normal" ? "normal" : "uniform";
  const site = textAttr(node.attrs, "site");
  return (run) => {
    const given = run.noise?.[site];
    if (given !== undefined) {
      if (given.length !== values.length)
        ice(`noise of ${site} wants ${values.length} numbers, the run gives ${given.length}`);
      values.set(given);
      return;
    }
    const source = noiseSource(kind, keyOf(node, run));
    visit(loopsOf(declared(node), sizes, run), (place, index) => {
      values[place] = source(index);
    });
  };
};

/** Every element draws from the stream of its noise index; axes that the key lacks share streams. */
export const drawKernel: Kernel = (out, inputs, sizes) => {
  const sampler = samplerOf(out.node.op.name);
  const key = declared(out.node);
  const dims = dimsOf(key, sizes);
  const indices = new Float64Array(sizeOf(dims));
  const keyCell: Cell = { node: { ...out.node, ...key }, sizes: dims, strides: rowMajor(dims), values: indices };
  const strides = [out.strides, stridesAlong(keyCell, out), ...inputs.map((x) => stridesAlong(x, out))];
  const parameters = new Array<number>(inputs.length).fill(NaN);
  return (run) => {
    visit(loopsOf(key, sizes, run), (place, index) => {
      indices[place] = index;
    });
    const wordsOf = attempts(keyOf(out.node, run));
    let element = 0;
    const numbers = plain((attempt) => wordsOf(element, attempt));
    walker({ sizes: out.sizes, strides }, (n, at, step) => {
      for (let k = 0; k < n; k++) {
        inputs.forEach((x, i) => {
          parameters[i] = x.values[at[i + 2]! + k * step[i + 2]!]!;
        });
        element = indices[at[1]! + k * step[1]!]!;
        out.values[at[0]! + k * step[0]!] = sampler(numbers, parameters);
      }
    })();
  };
};
