// 2xx: what names mean and where they may be read.

import type { CodeRow } from "./row.ts";

const plates = (names: readonly string[]): string =>
  names.length === 1 ? `plate ${names[0]}` : `plates ${names.join(", ")}`;

/** A definition in plates: an index is missing, a subscript is no plate index, or a `let` varies along a plate that
 *  it does not name. */
type Indices =
  | {
      readonly name: string;
      readonly verb: string;
      readonly open: readonly string[];
      readonly missing: readonly string[];
    }
  | { readonly name: string; readonly sub: string }
  | { readonly name: string; readonly varies: string };

/** What is wrong with an `import` of `path`. */
type Import = { readonly path: string } & (
  | { readonly problem: "missing" | "absolute" }
  | { readonly problem: "cyclic"; readonly through: readonly string[] }
  | { readonly problem: "no library"; readonly has: string }
);

export const nameCodes = {
  PPL201: {
    severity: "error",
    title: "unknown name",
    say: (a: { name: string; why?: "local" | "latent" | "dim" }) => {
      if (a.why === "local") return `\`${a.name}\` is known only inside the plate or branch that defines it`;
      if (a.why === "latent") return `\`${a.name}\` depends on latents of the model, so the guide does not see it`;
      return a.why === "dim" ? `there is no dim \`${a.name}\`` : `\`${a.name}\` is not defined`;
    },
  },
  PPL202: {
    severity: "error",
    title: "unknown function, distribution, type or attribute",
    say: (a: { what: string; name: string }) => `there is no ${a.what} \`${a.name}\``,
  },
  PPL203: {
    severity: "error",
    title: "already defined",
    say: (a: { name: string; draws?: string }) =>
      a.draws === undefined
        ? `\`${a.name}\` is already defined`
        : `\`${a.name}\` is the name of the predictive draws of \`${a.draws}\``,
  },
  PPL204: {
    severity: "error",
    title: "built-in's name",
    say: (a: { name: string; what: string }) => `\`${a.name}\` is a built-in ${a.what}, so it cannot be defined again`,
  },
  PPL205: {
    severity: "error",
    title: "site lacks a plate index",
    say: (a: Indices) => {
      if ("sub" in a)
        return `\`${a.name}\` is defined for each member of its plates, and \`${a.sub}\` is not a plate index`;
      if ("varies" in a)
        return `the value of \`${a.name}\` differs along plate ${a.varies}, but \`${a.name}\` does not carry its index`;
      const which = a.missing.length === a.open.length ? "" : ` ${a.missing.join(", ")}`;
      return `\`${a.name}\` is ${a.verb} in ${plates(a.open)} but carries no index${which}`;
    },
  },
  PPL206: {
    severity: "error",
    title: "used before its definition",
    say: (a: { name: string; own?: string; plate?: string }) =>
      a.own === undefined
        ? `\`${a.name}\` is used before its definition`
        : `inside plate ${a.plate}, where \`${a.name}\` is defined, only its own member \`${a.own}\` can be read`,
  },
  PPL207: {
    severity: "error",
    title: "recursive `fun`",
    say: (a: { name: string; through: readonly string[] }) =>
      `\`${a.name}\` calls itself${a.through.length === 0 ? "" : ` through ${a.through.join(", ")}`}`,
  },
  PPL208: {
    severity: "error",
    title: "import missing or cyclic",
    say: (a: Import) => {
      if (a.problem === "no library") return `"${a.path}" is not a library: it has a \`${a.has}\` block`;
      if (a.problem === "cyclic")
        return `"${a.path}" imports itself${a.through.length === 0 ? "" : ` through ${a.through.join(", ")}`}`;
      return a.problem === "missing" ? `there is no file "${a.path}" to import` : `"${a.path}" is not a relative path`;
    },
  },
} as const satisfies Record<string, CodeRow>;
