// A page of docs/errors → its examples; an example → the codes that the program gives for it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/cli/program.ts";

/** A program, its data if the page shows some, the words of the command (`run: infer --method adam`), and libraries by name. */
export type Example = {
  readonly program: string;
  readonly data: string | null;
  readonly command: readonly string[];
  readonly libraries?: readonly (readonly [name: string, text: string])[];
};

export type ErrorPage = {
  readonly heading: string;
  readonly prose: string;
  readonly fails: Example;
  readonly fixed: Example;
};

/** Reads a page: a heading, prose, then `## Fails` and `## Fixed` with a program each. Throws if a part is missing. */
export function readPage(text: string): ErrorPage {
  const [head = "", ...sections] = text.split(/^## /m);
  const [heading = "", ...prose] = head.split("\n");
  const named = (name: string): Example => {
    const section = sections.find((one) => one.startsWith(`${name}\n`));
    if (section === undefined) throw new Error(`the page has no section "${name}"`);
    return readExample(section);
  };
  return { heading, prose: prose.join("\n").trim(), fails: named("Fails"), fixed: named("Fixed") };
}

function readExample(section: string): Example {
  const fenced = (language: string): string | null =>
    new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(section)?.[1] ?? null;
  const program = fenced("ppl");
  if (program === null) throw new Error("a section without a program");
  const command = /^run: (.*)$/m.exec(section)?.[1] ?? "check";
  const libraries = [...section.matchAll(/^```ppl (\S+)\n([^]*?)^```$/gm)].map(
    ([, name, text]) => [name!, text!] as const,
  );
  return { program, data: fenced("json"), command: command.split(" "), libraries };
}

export type Outcome = { readonly exit: number; readonly codes: readonly string[]; readonly errors: readonly string[] };

type Found = { readonly code: string; readonly severity?: string };

/** Runs the command line on an example: the exit code, all codes in the order shown, and those of errors. */
export async function outcomeOf(example: Example): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "variate-page-"));
  try {
    const [model, data] = [join(folder, "model.ppl"), join(folder, "given.json")];
    writeFileSync(model, example.program);
    for (const [name, text] of example.libraries ?? []) writeFileSync(join(folder, name), text);
    if (example.data !== null) writeFileSync(data, example.data);
    const words = [...example.command, model, ...(example.data === null ? [] : ["--data", data]), "--json"];
    const { exit, out } = await captured(words);
    const { diagnostics = [], warnings = [] } = JSON.parse(out) as { diagnostics?: Found[]; warnings?: Found[] };
    const found = [...diagnostics, ...warnings];
    return {
      exit,
      codes: found.map((one) => one.code),
      errors: found.filter((one) => one.severity === "error").map((one) => one.code),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function captured(words: readonly string[]): Promise<{ exit: number; out: string }> {
  let out = "";
  const exit = await run(words, {
    out: (text) => void (out += text),
    err: () => undefined,
    stdin: async () => new Uint8Array(),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
  });
  return { exit, out };
}
