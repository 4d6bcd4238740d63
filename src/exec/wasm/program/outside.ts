// Short loops that go around a much longer one, against the rule that the largest is outermost: sums over the long loop that keep the short one, as those over
// rows keep the draws, are then in registers, and every turn of the short loop costs what it costs alone.

import type { Label } from "./program.ts";
import type { Loop, Task } from "../task/task.ts";

/** Loops of at most so many turns inside another are written out. */
export const UNROLLED = 4;

/** Turns of a loop that are worth starting it for every turn of one around it. */
const LONG = 64;

/** For a loop, the shorter ones that go around it. */
export type Outside = ReadonlyMap<Label, ReadonlySet<Label>>;

type Fold = Extract<Task, { kind: "fold" }>;

const bySize = (a: Loop, b: Loop): number =>
  b.size - a.size || Number(a.isFolded ?? false) - Number(b.isFolded ?? false) || (a.label < b.label ? -1 : 1);

/** A short loop goes around a long one where sums over the long one keep it, all of them are in registers then, and no sum over the short one keeps the long
 *  one. What reads or sums by an index of the long loop has the short one inside: its turns share the index, and meet in elements of their own, where rows
 *  after each other would wait for the element of both. */
export function outsideOf(tasks: readonly Task[]): Outside {
  const all = withSteps(tasks);
  const sums = all.filter((task) => task.kind === "fold");
  const isApart = (short: Loop, long: Loop): boolean =>
    !all
      .filter((task) => runsOver(task, long) && runsOver(task, short))
      .some((task) => (task.kind === "fold" ? keeps(task, long) && !keeps(task, short) : BY_INDEX.has(task.kind)));
  const found = new Map<Label, Set<Label>>();
  const barred = new Map<Label, Set<Label>>();
  for (const sum of sums)
    for (const long of sum.space) {
      if (long.size < LONG || keeps(sum, long)) continue;
      const kept = sum.space.filter((own) => own.size > UNROLLED && keeps(sum, own) && bySize(long, own) < 0);
      const to = kept.every((own) => isApart(own, long)) ? found : barred;
      for (const { label } of kept) to.set(long.label, (to.get(long.label) ?? new Set()).add(label));
    }
  for (const [long, short] of barred) for (const label of short) found.get(long)?.delete(label);
  return found;
}

const BY_INDEX: ReadonlySet<Task["kind"]> = new Set(["gather", "scatter"]);

/** Tasks and those of recursions among them. */
export const withSteps = (tasks: readonly Task[]): readonly Task[] =>
  tasks.flatMap((task) => (task.kind === "scan" ? [task, ...withSteps(task.body)] : [task]));

const runsOver = ({ space }: Task, { label }: Loop): boolean => space.some((own) => own.label === label);

const keeps = ({ reduced }: Fold, { label }: Loop): boolean => !reduced.includes(label);

/** The outermost of some loops: the largest, or what goes around it. */
export function outermost(space: readonly Loop[], outside: Outside): Loop | null {
  let outer = largest(space);
  for (let around = outer; around !== null; around = largest(space.filter((own) => goesAround(own, outer!, outside))))
    outer = around;
  return outer;
}

const largest = (space: readonly Loop[]): Loop | null => [...space].sort(bySize)[0] ?? null;

export const goesAround = (short: Loop, long: Loop, outside: Outside): boolean =>
  bySize(long, short) < 0 && (outside.get(long.label)?.has(short.label) ?? false);

/** Loops, each before those inside it. */
export function nestOf(space: readonly Loop[], outside: Outside): readonly Loop[] {
  const first = outermost(space, outside);
  if (first === null) return [];
  const rest = space.filter((own) => own !== first);
  return [first, ...nestOf(rest, outside)];
}
