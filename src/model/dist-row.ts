// A checked distribution as a row of the table: its own, or the one that a combinator makes of the rows inside.

import { ice } from "../base/ice.ts";
import { nameIn, type Component } from "../dist/combinator.ts";
import { combinatorOf, distOf } from "../dist/index.ts";
import type { DistExpr, Expr } from "./model.ts";
import { array } from "./types.ts";

/** The row, and which of its forms the arguments have. */
export function rowOf(dist: DistExpr): Component {
  const row = distOf(dist.name);
  if (row !== undefined) return { dist: row, form: dist.form };
  const combinator = combinatorOf(dist.name) ?? ice(`no distribution ${dist.name}`);
  const made = combinator.row(dist.parts.map(rowOf), { form: dist.form, each: dist.each !== null });
  return "problem" in made ? ice(`${dist.name} of what the checker refuses`) : { dist: made, form: 0 };
}

/** All arguments, those of the distributions inside under the names of the row's parameters. Of `[k in K: D]` each
 *  is a comprehension. */
export function argumentsOf({ args, parts, each }: DistExpr): Readonly<Record<string, Expr>> {
  const inner = parts.flatMap((part, i) =>
    Object.entries(argumentsOf(part)).map(([name, arg]) => {
      if (each === null) return [nameIn(i, name), arg] as const;
      const type = arg.type.kind === "array" ? arg.type : ice("an argument that is a record");
      const { stage, span } = arg;
      return [
        nameIn(i, name),
        {
          kind: "comprehension",
          binders: [each],
          body: arg,
          stage,
          span,
          type: array(type.elem, [each.plate.dim, ...type.shape]),
        } as const,
      ] as const;
    }),
  );
  return { ...args, ...Object.fromEntries(inner) };
}

/** The expressions that a distribution reads. */
export const readBy = (dist: DistExpr): readonly Expr[] => Object.values(argumentsOf(dist));
