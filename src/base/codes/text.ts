// 1xx: the text of a file.
import type { CodeRow } from "./row.ts";

export const textCodes = {
  PPL101: {
    severity: "error",
    title: "unexpected token",
    /** `expected` is null where no short list says it better than the hint. */
    say: (a: { expected: string | null; found: string }) =>
      a.expected === null ? `unexpected ${a.found}` : `expected ${a.expected}, found ${a.found}`,
  },
  PPL102: {
    severity: "error",
    title: "unclosed bracket, string or comment",
    say: (a: { opened: string }) => `${a.opened} is never closed`,
  },
  PPL103: {
    severity: "error",
    title: "bad number",
    say: (a: { text: string; why: string }) => `\`${a.text}\` ${a.why}`,
  },
  PPL104: {
    severity: "error",
    title: "statement not allowed in this block",
    say: (a: { statement: string; block: string }) => `\`${a.statement}\` is not allowed in a \`${a.block}\``,
  },
  PPL105: {
    severity: "error",
    title: "reserved word used as a name",
    say: (a: { word: string }) => `\`${a.word}\` is a reserved word and cannot be a name`,
  },
  PPL106: {
    severity: "error",
    title: "`return` missing or not last",
    say: (a: { name: string; problem: "missing" | "not last" }) =>
      a.problem === "missing"
        ? `the body of \`${a.name}\` does not end in \`return\``
        : `\`return\` is not the last statement of \`${a.name}\``,
  },
} as const satisfies Record<string, CodeRow>;
