// Other threads that take parts of a module's work, where the platform has threads that one may wait for without giving
// up one's own (Node; a page has none). They live as long as the engine that made them, are in one module at a time,
// and hold nothing that a run would have to wait for.

import { ice } from "../../base/ice.ts";
import { HEADER } from "./code/header.ts";
import type { Memory } from "./platform.ts";
import { LEAVE, WAIT } from "./code/share.ts";

/** A module that others may enter, and the memory that they share. */
export type SharedModule = { readonly module: object; readonly memory: Memory };

export type Team = {
  /** Threads in all. */
  readonly size: number;
  /** Whether they help is tried for every module; else they do. */
  readonly isTried: boolean;
  /** The others begin, where they have not, */
  readonly begin: () => void;
  /** and are there. */
  readonly isThere: () => boolean;
  /** The others take parts of this module's work from now on. Throws where one of them has failed. */
  readonly enter: (module: SharedModule) => void;
  /** They take no more parts of any. */
  readonly leave: () => void;
  /** It is settled that they share the work of some module, */
  readonly adopt: () => void;
  /** and whether it is. */
  readonly isAdopted: () => boolean;
  /** The threads end. */
  readonly end: () => void;
};

/** Words that tell the other threads what to do, that one failed, and how many have begun. */
const CONTROL = { turn: 0, module: 1, failed: 2, there: 3, length: 4 } as const;
const END = -1;
/** Modules that the other threads keep. */
const KEPT = 8;

/** What another thread runs, as the platform takes it. A scalar function is for rare arguments: it has the first thread
 *  repeat the parts. */
const WORKER = `
const { parentPort, workerData, receiveMessageOnPort } = require("node:worker_threads");
const control = new Int32Array(workerData.control);
const instances = new Map();
function receive({ id, module, memory, gone }) {
  if (gone !== null) instances.delete(gone);
  const again = new Int32Array(memory.buffer, ${HEADER.again}, 1);
  const scalar = () => (Atomics.store(again, 0, 1), NaN);
  const names = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function").map(({ name }) => name);
  const env = { memory, ...Object.fromEntries(names.map((name) => [name, scalar])) };
  instances.set(id, new WebAssembly.Instance(module, { env }));
}
try {
  Atomics.add(control, ${CONTROL.there}, 1);
  for (let turn = 0; ; ) {
    Atomics.wait(control, ${CONTROL.turn}, turn);
    turn = Atomics.load(control, ${CONTROL.turn});
    const id = Atomics.load(control, ${CONTROL.module});
    if (id === ${END}) break;
    for (let got = receiveMessageOnPort(parentPort); got; got = receiveMessageOnPort(parentPort)) receive(got.message);
    instances.get(id)?.exports.work();
  }
} catch {
  Atomics.store(control, ${CONTROL.failed}, 1);
}
parentPort.close();
`;

type Worker = { readonly postMessage: (message: unknown) => void; readonly unref: () => void };
type Options = { readonly eval: true; readonly workerData: unknown; readonly execArgv: readonly string[] };
type WorkerThreads = { readonly Worker: new (source: string, options: Options) => Worker };
type System = { readonly availableParallelism: () => number };
type Builtin = (name: string) => unknown;

const builtin = (name: string): unknown =>
  (globalThis as { process?: { getBuiltinModule?: Builtin } }).process?.getBuiltinModule?.(name);

/** Whether the platform has threads that can be waited for. */
export const hasThreads = (): boolean => builtin("node:worker_threads") !== undefined;

/** Threads that this machine runs at once, on such a platform. */
export const threadsHere = (): number => (builtin("node:os") as System).availableParallelism();

/** The others begin when they are needed first, and again after an end. */
export function teamOf(size: number, isTried: boolean): Team {
  let others: Others | null = null;
  let now: SharedModule | null = null;
  let adopted = false;
  const begin = (): Others => (others ??= begun(size - 1));
  const leave = (): void => {
    if (now !== null) direct(now, LEAVE, 0);
    now = null;
  };
  const enter = (shared: SharedModule): void => {
    const { control, numberOf } = begin();
    if (Atomics.load(control, CONTROL.failed) !== 0) ice("a thread of the wasm engine failed");
    if (now === shared) return;
    leave();
    direct(shared, WAIT, size - 1);
    now = shared;
    turn(control, numberOf(shared));
  };
  const end = (): void => {
    leave();
    if (others !== null) turn(others.control, END);
    others = null;
  };
  const isThere = (): boolean => Atomics.load(begin().control, CONTROL.there) === size - 1;
  const adopt = (): void => void (adopted = true);
  return { size, isTried, begin, isThere, enter, leave, adopt, isAdopted: () => adopted, end };
}

type Others = {
  readonly control: Int32Array<SharedArrayBuffer>;
  /** What they know a module by. They are told of one when it is new to them, and forget the one that was entered the
   *  longest ago. */
  readonly numberOf: (shared: SharedModule) => number;
};

function begun(count: number): Others {
  const control = new Int32Array(new SharedArrayBuffer(CONTROL.length * Int32Array.BYTES_PER_ELEMENT));
  const workers = Array.from({ length: count }, () => worker(control.buffer));
  const known = new Map<SharedModule, number>();
  let next = 0;
  const numberOf = (shared: SharedModule): number => {
    const before = known.get(shared);
    known.delete(shared);
    known.set(shared, before ?? next++);
    if (before !== undefined) return before;
    const [oldest] = known.size > KEPT ? known : [];
    if (oldest !== undefined) known.delete(oldest[0]);
    const told = { id: known.get(shared), ...shared, gone: oldest?.[1] ?? null };
    for (const own of workers) own.postMessage(told);
    return told.id!;
  };
  return { control, numberOf };
}

function turn(control: Int32Array, module: number): void {
  Atomics.store(control, CONTROL.module, module);
  Atomics.add(control, CONTROL.turn, 1);
  Atomics.notify(control, CONTROL.turn);
}

function worker(control: SharedArrayBuffer): Worker {
  const { Worker } = builtin("node:worker_threads") as WorkerThreads;
  const made = new Worker(WORKER, { eval: true, workerData: { control }, execArgv: [] });
  made.unref();
  return made;
}

/** A ticket without parts: threads that look for some leave the module, or wait. */
function direct({ memory }: SharedModule, place: number, others: number): void {
  const words = new Int32Array(memory.buffer, 0, HEADER.end / Int32Array.BYTES_PER_ELEMENT);
  const [low, high] = [HEADER.ticketLow / 4, HEADER.ticketHigh / 4];
  Atomics.store(words, HEADER.others / 4, others);
  Atomics.store(words, low, -(2 ** 31));
  Atomics.store(words, high, (Atomics.load(words, high) & ~LEAVE) + LEAVE + 1 + place);
  Atomics.notify(words, high);
}
