// What may be called in a file: its own `fun`s and `net`s, and those of the libraries it imports (not those that they
// import).

import { diagnose } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import { isDistName } from "../dist/index.ts";
import { functionNames, layers } from "../function/index.ts";
import type * as Ast from "../syntax/ast.ts";
import { refuseRecursion } from "./check-fun.ts";
import type { Called, Fun } from "./check-scope.ts";
import type { Program } from "./imports.ts";

/** The called names of a program's file, and every `fun` of its files once, libraries first. */
export function calledIn(
  program: Program,
  base: 0 | 1,
  report: Report,
): { readonly called: Called; readonly all: readonly Fun[] } {
  const done = new Map<Program, Called>();
  const called = namesIn(program, base, done, report);
  return { called, all: [...new Set([...done.values()].flatMap(({ funs }) => [...funs.values()]))] };
}

function namesIn(program: Program, base: 0 | 1, done: Map<Program, Called>, report: Report): Called {
  const before = done.get(program);
  if (before !== undefined) return before;
  // A library has base 0.
  const libraries = program.libraries.map((library) => ({ library, names: namesIn(library, 0, done, report) }));
  const funs = new Map<string, Fun>();
  const nets = new Set<string>();
  const called: Called = { base, funs, nets };
  const taken = new Map<string, Ast.Name>();
  for (const { library, names } of libraries) {
    for (const { kind, name } of definitionsIn(library)) {
      if (!isNew(name, taken, report)) continue;
      if (kind === "net") nets.add(name.text);
      else funs.set(name.text, names.funs.get(name.text)!);
    }
  }
  const own = new Map<string, Fun>();
  for (const item of definitionsIn(program)) {
    const { text, span } = item.name;
    const builtIn = builtInKind(text);
    if (builtIn !== null) report.push(diagnose("PPL204", span, { name: text, what: builtIn }));
    if (!isNew(item.name, taken, report)) continue;
    if (item.kind === "net") nets.add(text);
    else own.set(text, { decl: item, home: called, state: "new" });
  }
  refuseRecursion(own, report);
  for (const [name, fun] of own) funs.set(name, fun);
  done.set(program, called);
  return called;
}

type Definition = Ast.Fun | Ast.Net;

const definitionsIn = ({ file }: Program): readonly Definition[] =>
  file.items.filter((item) => item.kind === "fun" || item.kind === "net");

/** Notes a name; PPL203 where another definition has it. */
function isNew(name: Ast.Name, taken: Map<string, Ast.Name>, report: Report): boolean {
  const before = taken.get(name.text);
  if (before === undefined) taken.set(name.text, name);
  else if (before !== name)
    report.push(
      diagnose("PPL203", name.span, { name: name.text }, { labels: [{ span: before.span, text: "defined here" }] }),
    );
  return before === undefined;
}

function builtInKind(name: string): string | null {
  if (functionNames.includes(name)) return "function";
  if (isDistName(name)) return "distribution";
  return layers.includes(name) ? "layer" : null;
}
