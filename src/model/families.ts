// The families that a guide may give its continuous sites, and the arguments that they take: one row each. Read by the
// checker (`default`, `block`) and by the option that names a family.

import type { Family, Options } from "./model.ts";

export type FamilyArgument = {
  readonly name: string;
  /** The words that it may be, or a whole number from `least`. */
  readonly values: readonly string[] | { readonly least: number };
  /** Null: it must be given. */
  readonly otherwise: string | number | null;
};

export type FamilyRow = {
  readonly name: string;
  /** With its arguments. */
  readonly doc: string;
  readonly args: readonly FamilyArgument[];
  /** "gaussian": coordinates of the fixed protocol. "joint": one guide over the coordinates of several sites, with
   *  parameters of its own. "site": every site alone. */
  readonly kind: "gaussian" | "joint" | "site";
};

const count = (name: string, least: number, otherwise: number | null = null): FamilyArgument => ({
  name,
  values: { least },
  otherwise,
});

export const families: readonly FamilyRow[] = [
  { name: "meanfield", kind: "gaussian", args: [], doc: "independent Gaussians" },
  { name: "fullrank", kind: "gaussian", args: [], doc: "one Gaussian with all correlations" },
  {
    name: "lowrank",
    kind: "joint",
    args: [count("rank", 1)],
    doc: "a Gaussian whose covariance is a diagonal plus `rank` factors",
  },
  {
    name: "mixture",
    kind: "joint",
    args: [count("components", 2)],
    doc: "a mixture of Gaussians with diagonal covariances",
  },
  {
    name: "flow",
    kind: "joint",
    doc: "Gaussian noise through layers of smooth maps: `coupling` or `iaf`",
    args: [
      { name: "kind", values: ["coupling", "iaf"], otherwise: null },
      count("layers", 1, 2),
      count("hidden", 1, 16),
    ],
  },
  {
    name: "hamiltonian",
    kind: "joint",
    args: [count("steps", 1)],
    doc: "a Gaussian moved by `steps` leapfrog steps along the slope of the model's log density",
  },
  { name: "delta", kind: "site", args: [], doc: "a point, the mode of the density on the site's own scale (MAP)" },
  { name: "same", kind: "site", args: [], doc: "the family of the site's own distribution, with free parameters" },
];

export type Given = { readonly name: string | null; readonly value: number | string | boolean };

/** The row's arguments in its order, defaults filled in; or what is wrong with them. */
export function familyOptions(
  row: FamilyRow,
  given: readonly Given[],
): { readonly options: Options } | { readonly problem: string } {
  if (row.args.length === 0 && given.length > 0) return { problem: "takes no arguments" };
  const unknown = given.find(({ name }, i) =>
    name === null ? i >= row.args.length : row.args.every((arg) => arg.name !== name),
  );
  if (unknown !== undefined) return { problem: `takes ${signature(row)}` };
  const options = row.args.map((arg, i) => {
    const found = given.find(({ name }, at) => (name === null ? at === i : name === arg.name));
    return { arg, value: found?.value ?? arg.otherwise };
  });
  const wrong = options.find(({ arg, value }) => !fits(value, arg));
  if (wrong !== undefined) return { problem: `needs ${describe(wrong.arg)}: ${signature(row)}` };
  return { options: options.map(({ arg, value }) => ({ name: arg.name, value: value as string | number })) };
}

const fits = (value: Given["value"] | null, { values }: FamilyArgument): boolean =>
  "least" in values
    ? Number.isInteger(value) && (value as number) >= values.least
    : values.some((word) => word === value);

const describe = ({ name, values }: FamilyArgument): string =>
  "least" in values
    ? `\`${name}\` as a whole number from ${values.least}`
    : `\`${name}\` as one of ${values.join(", ")}`;

/** `lowrank(rank)`, `flow(kind, layers = 2, hidden = 16)`. */
export const signature = ({ name, args }: FamilyRow): string =>
  args.length === 0
    ? name
    : `${name}(${args.map((arg) => (arg.otherwise === null ? arg.name : `${arg.name} = ${arg.otherwise}`)).join(", ")})`;

/** `flow(iaf, layers = 2)`: as it is written. */
export const showFamily = ({ name, options }: Pick<Family, "name" | "options">): string =>
  options.length === 0
    ? name
    : `${name}(${options.map(({ name: arg, value }) => `${arg} = ${String(value)}`).join(", ")})`;

/** A family from the text of an option; or what is wrong with it. */
export function parseFamily(text: string): Pick<Family, "name" | "options"> | { readonly problem: string } {
  const match = /^\s*([a-z]+)\s*(?:\((.*)\))?\s*$/.exec(text);
  const row = families.find(({ name }) => name === match?.[1]);
  if (match === null || row === undefined)
    return { problem: `is none of ${families.map(({ name }) => name).join(", ")}` };
  const given = (match[2] ?? "")
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(givenOf);
  const found = familyOptions(row, given);
  return "problem" in found ? found : { name: row.name, options: found.options };
}

function givenOf(part: string): Given {
  const [left = "", right] = part.split("=").map((piece) => piece.trim());
  const bare = right ?? left;
  return { name: right === undefined ? null : left, value: /^\d+$/.test(bare) ? Number(bare) : bare };
}
