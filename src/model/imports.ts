// The files of a program: what `import` names, read from the texts that come with a source. Paths are relative to the
// file that imports; a library holds `fun`, `net` and `import` alone. Nothing here touches a disk.

import { diagnose, hasErrors } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";

/** A parsed file with the libraries that its `import`s name, in their order and each once. */
export type Program = { readonly file: Ast.File; readonly libraries: readonly Program[] };

type Reading = {
  readonly main: Source;
  readonly report: Report;
  /** By path; null while a library is being read, and for one that is wrong. */
  readonly known: Map<string, Program | null>;
};

/** The libraries of a parsed file, and theirs. Reports what is wrong in them, and PPL208 for an `import` that names
 *  none. */
export function programOf(file: Ast.File, main: Source, report: Report): Program {
  return readProgram(file, [fileName(main.path)], { main, report, known: new Map() });
}

/** Paths, relative to the folder of `main`, of libraries that it imports, directly or not, and whose texts it lacks. */
export function absentImports(main: Source): readonly string[] {
  const seen = new Set([fileName(main.path)]);
  const absent: string[] = [];
  const visit = (source: Source, at: string): void => {
    for (const { path } of importsOf(parse(source).file)) {
      const to = resolved(path, at);
      if (seen.has(to) || isAbsolute(path)) continue;
      seen.add(to);
      const text = textAt(to, main);
      if (text === null) absent.push(to);
      else visit({ path: to, text }, to);
    }
  };
  visit(main, fileName(main.path));
  return absent;
}

/** `way`: the paths of the files from the program's own to this one. */
function readProgram(file: Ast.File, way: readonly string[], reading: Reading): Program {
  const libraries = importsOf(file).map((item) => readImport(item, way, reading));
  return { file, libraries: [...new Set(libraries)].filter((library) => library !== null) };
}

const importsOf = (file: Ast.File): readonly Ast.Import[] => file.items.filter((item) => item.kind === "import");

function readImport(item: Ast.Import, way: readonly string[], reading: Reading): Program | null {
  const { main, known, report } = reading;
  const refuse = (problem: Problem, hint: string): null => {
    report.push(diagnose("PPL208", item.span, { path: item.path, ...problem }, { hint }));
    return null;
  };
  if (isAbsolute(item.path)) return refuse({ problem: "absolute" }, "write the path relative to the file that imports");
  const at = resolved(item.path, way.at(-1)!);
  const before = way.indexOf(at);
  if (before >= 0)
    return refuse({ problem: "cyclic", through: way.slice(before + 1) }, "put what both need into a third file");
  if (known.has(at)) return known.get(at)!;
  known.set(at, null);
  const text = textAt(at, main);
  const path = resolved(at, main.path);
  if (text === null)
    return refuse({ problem: "missing" }, `${path} was looked for: the path is relative to the file that imports`);
  const parsed = parse({ path, text });
  report.push(...parsed.report);
  if (hasErrors(parsed.report)) return null;
  const block = parsed.file.items.find(({ kind }) => BLOCKS.includes(kind));
  if (block !== undefined)
    return refuse(
      { problem: "no library", has: block.kind },
      "move the `fun`s that both need into a file of their own",
    );
  const program = readProgram(parsed.file, [...way, at], reading);
  known.set(at, program);
  return program;
}

type Problem =
  | { readonly problem: "missing" | "absolute" }
  | { readonly problem: "cyclic"; readonly through: readonly string[] }
  | { readonly problem: "no library"; readonly has: string };

/** What a library does not hold. */
const BLOCKS: readonly Ast.Item["kind"][] = ["data", "model", "guide", "predict"];

// ---------------------------------------------------------------------------------------- paths

const textAt = (path: string, { imports = {} }: Source): string | null =>
  Object.hasOwn(imports, path) ? (imports[path] ?? null) : null;

const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const isAbsolute = (path: string): boolean => /^([\\/]|[A-Za-z][\w+.-]*:)/.test(path);

/** `path` as the file `from` means it: in the folder of `from`, without `.` and `..` where they can be resolved. */
export function resolved(path: string, from: string): string {
  const folder = from.slice(0, from.lastIndexOf("/") + 1);
  const parts: string[] = [];
  for (const part of (folder + path).split("/")) {
    if (part === "..") {
      if (parts.length === 0 || parts.at(-1) === "..") parts.push(part);
      else parts.pop();
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return (folder.startsWith("/") ? "/" : "") + parts.join("/");
}
