// A program as text: the buffers, then the statements, one a line, bodies of loops indented.

import type { Lowered } from "../lower.ts";
import type { At, Buffer, Id, Noise, Result, Stmt } from "./program.ts";
import type { For } from "./statements.ts";

/** What `variate print --stage program` shows. */
export function printProgram({ program }: Pick<Lowered, "program">): string {
  const { buffers, body } = program;
  const written = buffers.map(
    (buffer, i) =>
      `${nameOf(i)} ${buffer.name}${buffer.length === 1 ? "" : ` [${buffer.length}]`}${buffer.own === undefined ? "" : ` for each turn of ${buffer.own}`}`,
  );
  return [...written, "", ...linesOf(body, { buffers, numbers: new Map() })].join("\n") + "\n";
}

type Context = {
  readonly buffers: readonly Buffer[];
  /** Numbers stand where they are used. */
  readonly numbers: ReadonlyMap<Id, number>;
};

const nameOf = (buffer: number): string => `m${buffer}`;
const idOf = (id: Id): string => `v${id}`;

function linesOf(body: readonly Stmt[], around: Context): string[] {
  const own = body.flatMap((stmt) => (stmt.do === "number" ? [[stmt.id, stmt.value] as const] : []));
  const context = { ...around, numbers: new Map([...around.numbers, ...own]) };
  return body.flatMap((stmt) => lines(stmt, context));
}

const valueOf = (id: Id, { numbers }: Context): string => String(numbers.get(id) ?? idOf(id));

function lines(stmt: Stmt, context: Context): string[] {
  switch (stmt.do) {
    case "let":
      return [`${idOf(stmt.id)} = ${stmt.op.name}(${stmt.args.map((arg) => valueOf(arg, context)).join(", ")})`];
    case "number":
      return [];
    case "load":
      return [`${idOf(stmt.id)} = ${placeOf(stmt.at, context)}`];
    case "store":
      return [`${placeOf(stmt.at, context)} = ${valueOf(stmt.value, context)}`];
    case "meet":
      return [`${placeOf(stmt.at, context)} ${MEETS[stmt.meet]}= ${valueOf(stmt.value, context)}`];
    case "fill":
      return [`${nameOf(stmt.buffer)}[*] = ${stmt.value}`];
    case "draw":
      return [
        `${idOf(stmt.id)} = ${stmt.op}(${stmt.args.map((arg) => valueOf(arg, context)).join(", ")}) of ${elementOf(stmt)}`,
      ];
    case "noise":
      return stmt.noises.map(noiseLine);
    case "parts":
      return [`parts ${stmt.label} in ${stmt.count} {`, ...linesOf(stmt.body, context).map((line) => `  ${line}`), "}"];
    case "for":
      return [
        `for ${stmt.label} in ${stmt.count}${boundsOf(stmt)}${stmt.when === undefined ? "" : ` when ${idOf(stmt.when)}`} {`,
        ...linesOf(stmt.body, context).map((line) => `  ${line}`),
        ["}", ...stmt.results.map((result) => resultOf(result, context))].join(" "),
      ];
  }
}

/** What a loop leaves out, and its order where that counts. */
function boundsOf({ order, within }: Pick<For, "order" | "within">): string {
  const turns = order === "any" ? "" : ` ${order}`;
  if (within !== null && "part" in within) return ` from ${within.size} ${within.part}, ${within.size} of them${turns}`;
  const after = within?.after == null ? "" : ` after ${within.after}`;
  const before = within?.before == null ? "" : ` before ${within.before}`;
  return `${after}${before}${turns}`;
}

const MEETS = { sum: "+", prod: "*", max: "max", min: "min" } as const;

const resultOf = ({ id, of, meet, each }: Result, context: Context): string =>
  `${idOf(id)} = ${meet} ${each === undefined ? "" : `${each} `}${valueOf(of, context)};`;

const times = (stride: number, what: string): string => (stride === 1 ? what : `${stride} ${what}`);

const walk = (offset: number, strides: At["strides"]): readonly string[] => [
  ...(offset === 0 ? [] : [String(offset)]),
  ...Object.entries(strides).map(([label, stride]) => times(stride, label)),
];

/** `z[10 D + K + 5 v7]`. */
function elementOf({ site, element: { offset, strides, members } }: Extract<Stmt, { do: "draw" }>): string {
  const parts = [...walk(offset, strides), ...members.map(({ id, stride }) => times(stride, idOf(id)))];
  return parts.length === 0 ? site : `${site}[${parts.join(" + ")}]`;
}

/** `m3[2 + 4 J + K + 2 v7]`; a buffer of one number without the brackets. An index is checked. */
function placeOf({ buffer, offset, strides, by }: At, context: Context): string {
  const parts = [
    ...walk(offset, strides),
    ...(by === null ? [] : [times(by.stride, `(${valueOf(by.index, context)} below ${by.count})`)]),
  ];
  if (parts.length === 0 && context.buffers[buffer]!.length === 1) return nameOf(buffer);
  return `${nameOf(buffer)}[${parts.length === 0 ? "0" : parts.join(" + ")}]`;
}

/** `m3[*] = normal noise of theta, members in m2`. */
function noiseLine({ kind, site, buffer, dims, within }: Noise): string {
  const members = dims.flatMap((dim) => (dim.members === null ? [] : [`, members in ${nameOf(dim.members)}`]));
  const some = within === undefined ? "*" : within === "end" ? "end" : `blocks${boundsOf({ order: "any", within })}`;
  return `${nameOf(buffer)}[${some}] = ${kind} noise of ${site}${members.join("")}`;
}
