// Long loops cut into parts that several threads may run. Into how many is decided by the program alone, and what the parts come to is met in their order, so
// that the same bits come out on any number of threads.

import { COSTLY } from "../simple/narrow.ts";
import {
  IDENTITY,
  lengthOf,
  NOISE_BLOCK,
  type At,
  type Buffer,
  type Id,
  type Label,
  type Noise,
  type Program,
  type Result,
  type Stmt,
} from "./program.ts";
import { commonIn, type Common } from "./shared.ts";
import { definedBy, everyStmt, firstFreeId, readBy, type For } from "./statements.ts";

/** Of a part at least, in additions and loads: some 20 microseconds. */
const WORK = 50_000;
const MOST_PARTS = 16;
/** Turns of a part are a multiple where they are lanes: whole vectors, and threads that write neighbours do not share lines of the cache. */
const MULTIPLE = 16;
const COSTLY_OP = 10;
const DRAW_WORK = 100;
const BY_INDEX = 4;
/** Of a number of noise. */
const NOISE_WORK = 10;
/** Of the work of a loop, what meeting the buffers of its parts may add. */
const MEETING_SHARE = 1 / 8;

type State = { readonly buffers: Buffer[]; nextId: Id; readonly numbers: ReadonlyMap<Id, Stmt> };

export function cut({ buffers, body }: Program): Program {
  const numbers = body.flatMap((stmt) => (stmt.do === "number" ? [[stmt.id, stmt] as const] : []));
  const state: State = { buffers: [...buffers], nextId: firstFreeId(body), numbers: new Map(numbers) };
  const cutBody = body.flatMap((stmt) =>
    stmt.do === "for" ? inParts(stmt, state) : stmt.do === "noise" ? noiseInParts(stmt.noises) : [stmt],
  );
  return { buffers: state.buffers, body: cutBody };
}

function inParts(loop: For, state: State): readonly Stmt[] {
  const work = workOf(loop);
  const most = Math.min(MOST_PARTS, Math.floor(work / WORK));
  if (most < 2) return [loop];
  const multiple = loop.order === "each" ? 1 : MULTIPLE;
  const size = multiple * Math.ceil(loop.count / (most * multiple));
  const count = Math.ceil(loop.count / size);
  const common = count < 2 ? null : commonIn(loop);
  if (common === null) return [loop];
  const added = common.reduce((sum, { buffer }) => sum + 2 * count * state.buffers[buffer]!.length, 0);
  return added > work * MEETING_SHARE ? [loop] : partsOf(loop, size, count, common, state);
}

/** Whole blocks in parts, and what is left of them with the sites that are short. */
function noiseInParts(noises: readonly Noise[]): readonly Stmt[] {
  const long = noises.flatMap((own) => {
    const blocks = Math.floor(lengthOf(own) / NOISE_BLOCK);
    const most = Math.min(MOST_PARTS, Math.floor((blocks * NOISE_BLOCK * NOISE_WORK) / WORK));
    return own.words === null && most >= 2 ? [{ own, blocks, size: Math.ceil(blocks / most) }] : [];
  });
  const isLong = (noise: Noise): boolean => long.some(({ own }) => own === noise);
  return [
    { do: "noise", noises: noises.map((own) => (isLong(own) ? { ...own, within: "end" } : own)) },
    ...long.map(({ own, blocks, size }): Stmt => {
      const part = `part of ${own.site}`;
      return {
        do: "parts",
        label: part,
        count: Math.ceil(blocks / size),
        body: [{ do: "noise", noises: [{ ...own, within: { part, size } }] }],
      };
    }),
  ];
}

/** In additions and loads. */
export function workOf(stmt: Stmt): number {
  switch (stmt.do) {
    case "let":
      return COSTLY.has(stmt.op.name) ? COSTLY_OP : 1;
    case "draw":
      return DRAW_WORK;
    case "load":
    case "store":
    case "meet":
      return stmt.at.by === null ? 1 : BY_INDEX;
    case "for":
    case "parts":
      return turnsOf(stmt) * stmt.body.reduce((sum, own) => sum + workOf(own), 0);
    default:
      return 0;
  }
}

export const turnsOf = (stmt: Extract<Stmt, { do: "for" | "parts" }>): number =>
  stmt.do === "for" && stmt.within !== null && "part" in stmt.within ? stmt.within.size : stmt.count;

// ---------------------------------------------------------------------------------------- the parts of one loop

function partsOf(loop: For, size: number, count: number, common: readonly Common[], state: State): readonly Stmt[] {
  const label = `${loop.label} part`;
  const given = handedOver(loop, state);
  const owns = common.map((own) => ownCopies(own, label, count, state));
  const folds = loop.results.map((result) => folded(result, label, count, state));
  const body = owns.reduce((stmts, { inside }) => stmts.map(inside), loop.body);
  return [
    ...given.before,
    {
      do: "parts",
      label,
      count,
      body: [
        ...given.inside,
        ...owns.map(({ begin }) => begin),
        { ...loop, within: { part: label, size }, body, results: folds.map(({ inner }) => inner) },
        ...folds.map(({ store }) => store),
      ],
    },
    ...owns.map(({ meeting }) => meeting),
    ...(folds.length === 0 ? [] : [total(label, count, folds)]),
  ];
}

const place = (buffer: number, offset: number, strides: At["strides"] = {}): At => ({
  buffer,
  offset,
  strides,
  by: null,
});

const newBuffer = (name: string, length: number, { buffers }: State): number => buffers.push({ name, length }) - 1;

/** Values of outside that a loop reads: stored before, loaded in every part; numbers are written again. */
function handedOver(loop: For, state: State): { readonly before: readonly Stmt[]; readonly inside: readonly Stmt[] } {
  const all = everyStmt(loop.body);
  const own = new Set(all.flatMap(definedBy));
  const read = [...new Set([loop as Stmt, ...all].flatMap(readBy))].filter((id) => !own.has(id));
  const numbers = read.flatMap((id) => state.numbers.get(id) ?? []);
  const values = read.filter((id) => !state.numbers.has(id));
  if (values.length === 0) return { before: [], inside: numbers };
  const buffer = newBuffer("handed over", values.length, state);
  return {
    before: values.map((value, i) => ({ do: "store", at: place(buffer, i), value })),
    inside: [...numbers, ...values.map((id, i): Stmt => ({ do: "load", id, at: place(buffer, i) }))],
  };
}

/** A result of a loop: every part stores its own, and the parts meet afterwards. */
function folded({ id, of, meet, ...each }: Result, label: Label, count: number, state: State) {
  const buffer = newBuffer("results of parts", count, state);
  const at = place(buffer, 0, { [label]: 1 });
  const [inner, loaded] = [state.nextId++, state.nextId++];
  return {
    inner: { id: inner, of, meet, ...each },
    store: { do: "store", at, value: inner } satisfies Stmt,
    load: { do: "load", id: loaded, at } satisfies Stmt,
    result: { id, of: loaded, meet },
  };
}

const total = (label: Label, count: number, folds: readonly ReturnType<typeof folded>[]): Stmt => ({
  do: "for",
  label,
  count,
  order: "any",
  within: null,
  body: folds.map(({ load }) => load),
  results: folds.map(({ result }) => result),
});

const ELEMENT = "element";

/** A buffer of which every part has a copy of its own, which begins at the identity; its elements take up those of the copies afterwards. */
function ownCopies({ buffer, meet }: Common, label: Label, count: number, state: State) {
  const { name, length } = state.buffers[buffer]!;
  const stride = MULTIPLE * Math.ceil(length / MULTIPLE);
  const copies = newBuffer(`${name} by part`, count * stride, state);
  const ofPart = place(copies, 0, { [label]: stride, [ELEMENT]: 1 });
  const [start, loaded, met] = [state.nextId++, state.nextId++, state.nextId++];
  const over = (own: Label, turns: number, body: readonly Stmt[], results: readonly Result[] = []): Stmt => ({
    do: "for",
    label: own,
    count: turns,
    order: "any",
    within: null,
    body,
    results,
  });
  const inside = (stmt: Stmt): Stmt => {
    if (stmt.do === "for") return { ...stmt, body: stmt.body.map(inside) };
    if (stmt.do !== "meet" || stmt.at.buffer !== buffer) return stmt;
    return { ...stmt, at: { ...stmt.at, buffer: copies, strides: { ...stmt.at.strides, [label]: stride } } };
  };
  const allParts = over(label, count, [{ do: "load", id: loaded, at: ofPart }], [{ id: met, of: loaded, meet }]);
  return {
    inside,
    begin: over(ELEMENT, stride, [
      { do: "number", id: start, value: IDENTITY[meet] },
      { do: "store", at: ofPart, value: start },
    ]),
    meeting: over(ELEMENT, length, [
      allParts,
      { do: "meet", at: place(buffer, 0, { [ELEMENT]: 1 }), value: met, meet },
    ]),
  };
}
