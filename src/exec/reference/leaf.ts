// Leaves: what the run and the data supply.

import { ice } from "../../base/ice.ts";
import { numberAttr, numbersAttr, textAttr } from "../../ir/attrs.ts";
import { axisSizeIn, type Kernel } from "./cell.ts";

export const constantKernel: Kernel =
  ({ node, values }) =>
  () =>
    values.set(numbersAttr(node.attrs, "values"));

export const fillKernel: Kernel =
  ({ node, values }) =>
  () => {
    values.fill(numberAttr(node.attrs, "value"));
  };

export const axisSizeKernel: Kernel =
  ({ node, values }, _, sizes) =>
  () => {
    values[0] = axisSizeIn(sizes, textAttr(node.attrs, "axis"));
  };

export const iotaKernel: Kernel =
  ({ node, values }) =>
  ({ members }) => {
    const given = members?.[node.axes[0]!];
    if (given !== undefined && given.length !== values.length)
      ice(`axis ${node.axes[0]} has ${values.length} members, the run names ${given.length}`);
    values.forEach((_, k) => {
      values[k] = given === undefined ? k : given[k]!;
    });
  };

export const paramKernel: Kernel = ({ node, values }) => {
  const name = textAttr(node.attrs, "name");
  return ({ params }) => values.set(checked(params[name], values.length, `parameter ${name}`));
};

/** `given` if it has the wanted length. */
export function checked(given: Float64Array | undefined, length: number, what: string): Float64Array {
  if (given === undefined) return ice(`the run gives no ${what}`);
  return given.length === length ? given : ice(`${what} wants ${length} numbers, the run gives ${given.length}`);
}
