// The order of tasks before they become loops: the outer label of a task is its largest one, or what goes around that (`outside.ts`), and a level ends where a
// value has to be complete before it is read (codegen, section 3).

import { nestOf, outermost, UNROLLED, type Outside } from "./outside.ts";
import type { Label } from "./program.ts";
import type { Loop, Task } from "../task/task.ts";

export const outerOf = (task: Task, fixed: ReadonlySet<Label>, outside: Outside): Loop | null =>
  outermost(
    task.space.filter(({ label }) => !fixed.has(label)),
    outside,
  );

export const reducedOf = (task: Task): readonly Label[] => ("reduced" in task ? task.reduced : []);

/** A fold that keeps a rolled label inside one that it folds: its elements are taken up in memory. */
export function inMemory(task: Task, outside: Outside): boolean {
  if (task.kind !== "fold") return false;
  let folding = false;
  return nestOf(task.space, outside).some(({ label, size }) => {
    if (task.reduced.includes(label)) folding = true;
    else return folding && size > UNROLLED;
    return false;
  });
}

/** What reads a value, and how many levels later at least. */
type Reader = { readonly task: Task; readonly gap: number };
type Readers = ReadonlyMap<Task, readonly Reader[]>;

type Dependency = { readonly task: Task; readonly byMemory: boolean };

const dependencies = (task: Task): readonly Dependency[] =>
  task.reads.flatMap(({ value }): readonly Dependency[] =>
    value.kind === "inline"
      ? [{ task: value.task, byMemory: false }]
      : value.kind === "view"
        ? value.after.map((t) => ({ task: t, byMemory: true }))
        : [],
  );

/** A value in memory that the same loop could read back in the turn that wrote it waits all the same: short loops over independent turns overlap in the
 *  processor, a long one is a chain of stores and loads (measured on an ODE: 1.4 times the time). */
function barrier(
  { task: before, byMemory }: Dependency,
  after: Task,
  fixed: ReadonlySet<Label>,
  outside: Outside,
): number {
  const outer = outerOf(before, fixed, outside);
  if (outer === null) return 0;
  if (byMemory || reducedOf(before).includes(outer.label)) return 1;
  return outer.label === outerOf(after, fixed, outside)?.label ? 0 : 1;
}

/** The level of each task: as early as possible, then what moves as late as its readers allow, so that it need not be kept. */
export function levelsOf(
  tasks: readonly Task[],
  fixed: ReadonlySet<Label>,
  outside: Outside,
): ReadonlyMap<Task, number> {
  const levels = new Map<Task, number>();
  const within = new Set(tasks);
  const readers = new Map<Task, Reader[]>();
  for (const task of tasks) {
    let level = 0;
    for (const dependency of dependencies(task)) {
      if (!within.has(dependency.task)) continue;
      const gap = barrier(dependency, task, fixed, outside);
      level = Math.max(level, (levels.get(dependency.task) ?? 0) + gap);
      readers.set(dependency.task, [...(readers.get(dependency.task) ?? []), { task, gap }]);
    }
    levels.set(task, level);
  }
  for (const task of [...tasks].reverse()) {
    const found = readers.get(task);
    if (found !== undefined && moves(task, readers, fixed, outside))
      levels.set(task, Math.max(levels.get(task)!, Math.min(...found.map((r) => levels.get(r.task)! - r.gap))));
  }
  return levels;
}

/** Maps move; a fold inside the turns of a loop does where all that read it are in such a loop, and nothing else there reads what it reads: then there is
 *  no loop more, and no more to keep. */
function moves(task: Task, readers: Readers, fixed: ReadonlySet<Label>, outside: Outside): boolean {
  if (task.kind !== "fold") return task.kind === "map";
  return (
    task.target === null &&
    !task.reduced.includes(outerOf(task, fixed, outside)?.label ?? "") &&
    readers.get(task)!.every(({ gap }) => gap === 0) &&
    readsAlone(task, readers, fixed, outside)
  );
}

/** Whether all that a task computes with in its loop is for it alone. */
const readsAlone = (task: Task, readers: Readers, fixed: ReadonlySet<Label>, outside: Outside): boolean =>
  dependencies(task).every(({ task: before, byMemory }) => {
    const all = readers.get(before);
    if (byMemory || all === undefined || outerOf(before, fixed, outside) === null) return true;
    if (all.some((other) => other.task === task && other.gap === 1)) return true;
    return all.every((other) => other.task === task) && readsAlone(before, readers, fixed, outside);
  });
