// 3xx: types and shapes. Types arrive as text (`real[N, 2]`).

import type { CodeRow } from "./row.ts";

/** Sizes by name or number; null where a size is known at load only. */
type Shape = readonly (string | number | null)[];

/** Two values of an operation, a value and what it must match, or a value of the wrong number of dims. */
type Shapes =
  | { readonly op: string; readonly left: Shape; readonly right: Shape }
  | { readonly value: string; readonly shape: Shape; readonly other: string; readonly wanted: Shape }
  | { readonly op: string; readonly needs: string; readonly value: string; readonly shape: Shape };

type Dims =
  | { readonly index: string; readonly over: string; readonly of: string; readonly dim: string }
  | { readonly left: string; readonly leftDim: string; readonly right: string; readonly rightDim: string };

type Range =
  | {
      readonly kind: "argument";
      readonly dist: string;
      readonly param: string;
      readonly wants: string;
      readonly value: string;
      readonly range: string;
    }
  | {
      readonly kind: "value";
      readonly value: string;
      readonly range: string;
      readonly name: string;
      readonly bounds: string;
    }
  | {
      readonly kind: "observed";
      readonly value: string;
      readonly range: string;
      readonly dist: string;
      readonly support: string;
    };

const sizes = (shape: Shape): string => `[${shape.map((size) => size ?? "?").join(", ")}]`;
const describe = (shape: Shape): string => (shape.length === 0 ? "a scalar" : `of shape ${sizes(shape)}`);
const count = (n: number, noun: string): string => `${n === 0 ? "no" : n} ${noun}${n === 1 ? "" : "s"}`;

export const typeCodes = {
  PPL301: {
    severity: "error",
    title: "shapes differ",
    say: (a: Shapes) => {
      if ("needs" in a) return `${a.op} needs ${a.needs}, and \`${a.value}\` is ${describe(a.shape)}`;
      if ("op" in a) return `${a.op} cannot combine shapes ${sizes(a.left)} and ${sizes(a.right)}`;
      return `\`${a.value}\` is ${describe(a.shape)}, but ${a.other} is ${describe(a.wanted)}`;
    },
  },
  PPL302: {
    severity: "error",
    title: "index of another dim",
    say: (a: Dims) =>
      "of" in a
        ? `\`${a.index}\` runs over ${a.over}, but \`${a.of}\` is indexed by ${a.dim}`
        : `\`${a.left}\` is a member of ${a.leftDim}, and \`${a.right}\` of ${a.rightDim}`,
  },
  PPL303: {
    severity: "error",
    title: "number of subscripts",
    say: (a: { of: string; dims: number; given: number }) =>
      `\`${a.of}\` has ${count(a.dims, "dim")}, but ${count(a.given, "subscript")} follow`,
  },
  PPL304: {
    severity: "error",
    title: "ambiguous alignment",
    say: (a: { op: string; left: Shape; right: Shape }) =>
      `${a.op} can lay ${sizes(a.right)} along ${sizes(a.left)} in more than one way`,
  },
  PPL305: {
    severity: "error",
    title: "whole use of a partial site",
    say: (a: { name: string }) =>
      `\`${a.name}\` has only the members for which its condition holds, so it cannot be used whole`,
  },
  PPL306: {
    severity: "error",
    title: "wrong type",
    say: (a: { value: string; found: string; op: string; wants: string }) =>
      `\`${a.value}\` is ${a.found}, but ${a.op} needs ${a.wants}`,
  },
  PPL307: {
    severity: "error",
    title: "real subscript",
    say: (a: { sub: string; of: string }) => `subscript \`${a.sub}\` of \`${a.of}\` is real`,
  },
  PPL308: {
    severity: "error",
    title: "arguments",
    say: (a: { of: string; problem: string }) => `${a.of} ${a.problem}`,
  },
  PPL309: {
    severity: "error",
    title: "no such field",
    say: (a: { value: string; field: string; type: string }) =>
      `\`${a.value}\` has no field \`${a.field}\`: it is ${a.type}`,
  },
  PPL310: {
    severity: "error",
    title: "support against bounds",
    say: (a: Range) => {
      if (a.kind === "argument")
        return `\`${a.param}\` of ${a.dist} must be ${a.wants}, and \`${a.value}\` is ${a.range}`;
      if (a.kind === "value") return `\`${a.name}\` must be ${a.bounds}, and \`${a.value}\` is ${a.range}`;
      return `\`${a.value}\` is ${a.range}, where ${a.dist} has no probability: its values are ${a.support}`;
    },
  },
  PPL312: {
    severity: "error",
    title: "carried value changes shape",
    say: (a: { name: string; value: string; found: string; wanted: string }) =>
      `\`${a.name}\` is carried as ${a.wanted}, and \`${a.value}\` is ${a.found}`,
  },
  PPL313: {
    severity: "error",
    title: "value must be known from data",
    say: (a: { what: string; value: string; names: readonly string[] }) =>
      `${a.what} must be known from data, and \`${a.value}\` depends on ${a.names.join(", ")}`,
  },
} as const satisfies Record<string, CodeRow>;
