// The statement `noise` as code. Four counters give 16 neighbours; what is left of a site at its end is a row of four counters, those of one kind being made by
// one loop over a table, and up to three elements share rows with those of other sites.

import { hashSite } from "../../../random.ts";
import { counted } from "../access.ts";
import { inOwnScratch, type Around } from "../around.ts";
import { HEADER } from "../header.ts";
import { SCRATCH } from "../lanewise.ts";
import { get, int, intMul, lane, local, memory, OP, push, set, simd, type Machine } from "../machine.ts";
import { unsigned } from "../module.ts";
import { lengthOf, NOISE_BLOCK, type Noise } from "../../program/program.ts";
import { endOfPiece, firstOfPiece, upTo } from "../turns.ts";
import { held, words, type Vector } from "./expression.ts";
import { noiseOfBatch } from "./noise-batch.ts";
import { addWords, everywhere, LANES, philoxWords, runOf, slotsOf, storeAll, WORD, type Run } from "./philox.ts";

/** Four counters, and where their numbers go, in bytes: the first slot of each to a place of its own, or so many slots of all one after the other. */
type Row = {
  readonly kind: Noise["kind"];
  readonly slots: "first" | 2 | 4;
  readonly counters: readonly number[];
  readonly sites: readonly number[];
  readonly places: readonly number[];
  /** How many of them, from the first, are made for somebody. */
  readonly used: number;
};

/** One element: the first slot of a counter. */
type Single = {
  readonly kind: Noise["kind"];
  readonly counter: number;
  readonly site: number;
  readonly place: number;
};

export function noise(noises: readonly Noise[], around: Around): void {
  const whole = noises.filter(({ words: looked }) => looked === null);
  for (const own of whole) if (own.within !== "end") blocks(own, around);
  const rests = whole
    .filter(({ within }) => within === undefined || within === "end")
    .map((own) => restOf(own, around));
  const singles = rests.flatMap(({ singles: own }) => own);
  const rows = rests.flatMap(({ rows: own }) => own);
  let known: Run | null = null;
  const run = (): Run => (known ??= runOf(around.m));
  for (const kind of ["normal", "uniform"] as const) {
    for (const slots of [2, 4] as const)
      inRows(
        rows.filter((row) => row.kind === kind && row.slots === slots),
        run,
        around,
      );
    inRows(shared(singles.filter((own) => own.kind === kind)), run, around);
  }
  for (const own of noises) if (own.words !== null) noiseOfBatch(own, own.words, around);
}

/** Blocks of a site from which on the words of the next one are made before the numbers of this one: the processor works at both. Float64 has more to do
 *  with the same words, and gains nothing. */
const AHEAD = { f32: 4, f64: Infinity } as const;

/** All whole blocks of a site, or those of a part. */
function blocks(own: Noise, around: Around): void {
  const { m, places, counters } = around;
  const count = Math.floor(lengthOf(own) / NOISE_BLOCK);
  if (count === 0) return;
  const site = everywhere(hashSite(own.site));
  const counter = local(m, "i32");
  const at = (): void => {
    get(m, counter);
    int(m, (NOISE_BLOCK / LANES) * m.lanes.bytes);
    intMul(m);
  };
  const drawn = (ahead: number): readonly Vector[] =>
    philoxWords(m, held(m, addWords(everyLane(counter), words(FOUR.map((i) => i + ahead)))), site, runOf(m));
  const isAhead = count >= AHEAD[m.lanes.name];
  const block = (): void => {
    const now = isAhead ? wordsKept(around) : drawn(0);
    if (isAhead) keepWords(drawn(LANES), around);
    storeSlots(m, own.kind, now, 4, at, places[own.buffer]!);
  };
  const { within } = own;
  if (typeof within !== "object") {
    int(m, 0);
    set(m, counter);
    if (isAhead) keepWords(drawn(0), around);
    return counted(m, counter, LANES * count, LANES, block);
  }
  const times = (blocks: () => void): void => {
    blocks();
    int(m, LANES);
    intMul(m);
  };
  times(() => firstOfPiece(within, counters, m));
  set(m, counter);
  const end = local(m, "i32");
  times(() => endOfPiece(within, count, counters, m));
  set(m, end);
  if (isAhead) keepWords(drawn(0), around);
  upTo(m, counter, LANES, () => get(m, end), block);
}

const FOUR = [0, 1, 2, 3];

/** In memory, since compilers compute as late as they can what stays in locals. */
function keepWords(drawn: readonly Vector[], around: Around): void {
  const { m, scratch } = around;
  drawn.forEach((word, i) => {
    int(m, 0);
    inOwnScratch(around);
    word(m);
    memory(m, OP.store, scratch + COLUMN * i);
  });
}

function wordsKept(around: Around): readonly Vector[] {
  const { m, scratch } = around;
  return FOUR.map((i) =>
    held(m, () => {
      int(m, 0);
      inOwnScratch(around);
      memory(m, OP.load, scratch + COLUMN * i);
    }),
  );
}

const everyLane =
  (id: number): Vector =>
  (m) => {
    get(m, id);
    simd(m, WORD.splat);
  };

function storeSlots(
  m: Machine,
  kind: Noise["kind"],
  drawn: readonly Vector[],
  count: number,
  at: () => void,
  offset: number,
): void {
  slotsOf(m, kind, drawn, count).forEach((numbers, slot) =>
    storeAll(m, numbers, at, offset + LANES * slot * m.lanes.bytes),
  );
}

// ---------------------------------------------------------------------------------------- ends of sites

type Rest = { readonly rows: readonly Row[]; readonly singles: readonly Single[] };

function restOf(own: Noise, { m, places }: Around): Rest {
  const { kind, buffer } = own;
  const length = lengthOf(own);
  const left = length % NOISE_BLOCK;
  const first = (LANES * (length - left)) / NOISE_BLOCK;
  const site = hashSite(own.site);
  const place = places[buffer]! + (length - left) * m.lanes.bytes;
  if (left >= LANES) {
    const slots = left > 2 * LANES ? 4 : 2;
    const counters = FOUR.map((i) => first + i);
    return {
      rows: [{ kind, slots, counters, sites: FOUR.map(() => site), places: FOUR.map(() => place), used: LANES }],
      singles: [],
    };
  }
  const at = (i: number): Single => ({ kind, counter: first + i, site, place: place + i * m.lanes.bytes });
  return { rows: [], singles: FOUR.slice(0, left).map(at) };
}

/** Rows of elements of any sites. */
function shared(singles: readonly Single[]): readonly Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < singles.length; i += LANES) {
    const own = singles.slice(i, i + LANES);
    const none: Single = { ...own[0]!, place: HEADER.outside };
    const filled = [...own, none, none, none].slice(0, LANES);
    rows.push({
      kind: none.kind,
      slots: "first",
      counters: filled.map(({ counter }) => counter),
      sites: filled.map(({ site }) => site),
      places: filled.map(({ place }) => place),
      used: own.length,
    });
  }
  return rows;
}

/** Rows that are written out; more of them are a table in scratch memory. */
const WRITTEN_OUT = 1;
const [ROW_BYTES, COLUMN] = [48, 16];

function inRows(rows: readonly Row[], run: () => Run, around: Around): void {
  const { m, scratch } = around;
  if (rows.length <= WRITTEN_OUT) {
    for (const row of rows)
      make(m, row, held(m, words(row.counters)), held(m, words(row.sites)), run(), (i) => int(m, row.places[i]!));
    return;
  }
  const most = Math.floor(SCRATCH / ROW_BYTES);
  const own = rows.slice(0, most);
  own.forEach((row, r) =>
    [row.counters, row.sites, row.places].forEach((column, c) => {
      int(m, 0);
      words(column)(m);
      memory(m, OP.store, scratch + r * ROW_BYTES + c * COLUMN);
    }),
  );
  const at = local(m, "i32");
  int(m, 0);
  set(m, at);
  const column = (c: number): Vector =>
    held(m, () => {
      get(m, at);
      memory(m, OP.load, scratch + c * COLUMN);
    });
  counted(m, at, own.length * ROW_BYTES, ROW_BYTES, () =>
    make(m, { ...own[0]!, used: LANES }, column(0), column(1), runOf(m), (i) => {
      get(m, at);
      push(m, [0x28, 0, ...unsigned(scratch + 2 * COLUMN + 4 * i)]);
    }),
  );
  inRows(rows.slice(most), run, around);
}

/** The numbers of a row; `place`: pushes one of its addresses. */
function make(
  m: Machine,
  { kind, slots, used }: Pick<Row, "kind" | "slots" | "used">,
  counters: Vector,
  sites: Vector,
  run: Run,
  place: (i: number) => void,
): void {
  const drawn = philoxWords(m, counters, sites, run, used <= 2 ? 2 : LANES);
  if (slots !== "first") return storeSlots(m, kind, drawn, slots, () => place(0), 0);
  const [numbers] = slotsOf(m, kind, drawn, 1);
  for (let i = 0; i < used; i++) {
    place(i);
    numbers![Math.floor(i / m.lanes.count)]!(m);
    lane(m, m.lanes.op.storeLane, 0, i % m.lanes.count);
  }
}
