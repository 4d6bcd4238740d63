// 6xx: the data against its declaration. Entries are named in the file's own base.

import type { CodeRow } from "./row.ts";

/** An entry by its name in the model (`county[17]`), or how many more entries of a key share a fault. */
type Entry<Rest> = ({ readonly entry: string } & Rest) | More;
type More = { readonly key: string; readonly more: number };

const isMore = (a: object): a is More => "more" in a;
const further = (a: More, fault: string): string =>
  `${a.more} more ${a.more === 1 ? "entry" : "entries"} of "${a.key}" ${fault}`;
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** A value outside the support of the distribution that observes it. */
type Impossible = { readonly found: string; readonly dist: string; readonly support: string };
/** An argument of a distribution that the data decides. */
type Argument = { readonly param: string; readonly dist: string; readonly wants: string; readonly found: string };

export const dataCodes = {
  PPL601: {
    severity: "error",
    title: "key missing",
    say: (a: { key: string; declared: string } | { keys: readonly string[] }) =>
      "keys" in a
        ? `the model needs data: ${a.keys.map((key) => `"${key}"`).join(", ")}`
        : `the data has no key "${a.key}", which \`${a.declared}\` needs`,
  },
  PPL602: {
    severity: "error",
    title: "sizes disagree",
    say: (a: { size: string; here: string; found: number | string; there: string; expected: number | string }) =>
      `${a.size} is ${a.expected} ${a.there}, but ${a.found} ${a.here}`,
  },
  PPL603: {
    severity: "error",
    title: "size unknown",
    say: (a: { dim: string; why: string }) => `the size of ${a.dim} is not known: ${a.why}`,
  },
  PPL604: {
    severity: "error",
    title: "missing value",
    say: (a: Entry<{ found: string; declared: string }>) =>
      isMore(a) ? further(a, "are missing") : `${a.entry} is ${a.found}, but \`${a.declared}\` has no missing entries`,
  },
  PPL605: {
    severity: "error",
    title: "subscript out of range",
    say: (a: { read: string; value: string; size: string; count: number; base: number }) =>
      `\`${a.read}\` reads member ${a.value} of ${a.size}, ` +
      (a.count === 0 ? "which has no members" : `which has members ${a.base} to ${a.count - 1 + a.base}`),
  },
  PPL606: {
    severity: "error",
    title: "missing entry read",
    say: (a: { name: string; entries: number }) =>
      `this reads ${count(a.entries, "missing entry").replace("entrys", "entries")} of \`${a.name}\`, and no \`observe\` makes a latent value of ${a.entries === 1 ? "it" : "them"}`,
  },
  PPL607: {
    severity: "error",
    title: "member does not exist",
    say: (a: { name: string }) =>
      `this reads members of \`${a.name}\` that do not exist: it is sampled under a condition that does not hold for them`,
  },
  PPL608: {
    severity: "error",
    title: "wrong type in the data",
    say: (a: Entry<{ found: string; needs: string }>) =>
      isMore(a) ? further(a, "have the wrong type") : `${a.entry} is ${a.found}, but ${a.needs}`,
  },
  PPL609: {
    severity: "error",
    title: "bound violated",
    say: (a: Entry<{ found: string; bound: string; limit: string } | Impossible> | Argument) => {
      if (isMore(a)) return further(a, "violate their bounds");
      if ("param" in a) return `\`${a.param}\` of ${a.dist} must be ${a.wants}, and the data makes it ${a.found}`;
      if ("dist" in a) return `${a.entry} is ${a.found}, which \`${a.dist}\` cannot give: its values are ${a.support}`;
      return (
        `${a.entry} is ${a.found}, but must be ${a.bound}` +
        (a.bound.endsWith(` ${a.limit}`) ? "" : ` (here ${a.limit})`)
      );
    },
  },
  PPL610: {
    severity: "error",
    title: "index out of range",
    say: (a: Entry<{ found: string; dim: string; size: number; base: number }>) =>
      isMore(a)
        ? further(a, "are out of range")
        : `${a.entry} is ${a.found}, but ${a.dim} has ${count(a.size, "member")} (base ${a.base})`,
  },
  PPL611: {
    severity: "error",
    title: "ragged list",
    say: (a: { row: string; found: string; first: string; expected: string }) =>
      `${a.row} is ${a.found}, but ${a.first} is ${a.expected}`,
  },
  PPL612: {
    severity: "error",
    title: "unreadable file",
    say: (a: { file: string; why: string }) => `cannot read ${a.file}: ${a.why}`,
  },
  PPL613: {
    severity: "note",
    title: "key not declared",
    say: (a: { key: string }) => `the data's key "${a.key}" is not declared, so it is not used`,
  },
  PPL614: {
    severity: "note",
    title: "predict block skipped",
    say: (a: { keys: readonly string[] }) =>
      `this block is skipped: the data has no ${a.keys.map((key) => `"${key}"`).join(", ")}`,
  },
  PPL615: {
    severity: "error",
    title: "missing entries in a circle",
    say: (a: { name: string; others: readonly string[] }) =>
      `the values that missing entries of \`${a.name}\` can take depend on ${a.others.map((other) => `\`${other}\``).join(" and ")}, ` +
      `which ${a.others.length === 1 ? "depends" : "depend"} on these entries`,
  },
} as const satisfies Record<string, CodeRow>;
