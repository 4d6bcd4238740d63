// The order of tasks before they become loops: the outer label of a task is its largest one, and a level ends where a value has to be complete before it is
// read (codegen, section 3).

import type { Label } from "./program.ts";
import type { Loop, Task } from "../task/task.ts";

/** Loops of at most so many turns inside another are written out. */
export const UNROLLED = 4;

const bySize = (a: Loop, b: Loop): number => b.size - a.size || (a.label < b.label ? -1 : 1);

export const outerOf = (task: Task, fixed: ReadonlySet<Label>): Loop | null =>
  task.space.filter(({ label }) => !fixed.has(label)).sort(bySize)[0] ?? null;

export const reducedOf = (task: Task): readonly Label[] => ("reduced" in task ? task.reduced : []);

/** A fold that keeps a rolled label inside one that it folds: its elements are taken up in memory. */
export function inMemory(task: Task): boolean {
  if (task.kind !== "fold") return false;
  let folding = false;
  return [...task.space].sort(bySize).some(({ label, size }, depth) => {
    if (task.reduced.includes(label)) folding = true;
    else return folding && (depth === 0 || size > UNROLLED);
    return false;
  });
}

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
function barrier({ task: before, byMemory }: Dependency, after: Task, fixed: ReadonlySet<Label>): number {
  const outer = outerOf(before, fixed);
  if (outer === null) return 0;
  if (byMemory || reducedOf(before).includes(outer.label)) return 1;
  return outer.label === outerOf(after, fixed)?.label ? 0 : 1;
}

/** The level of each task: as early as possible, then maps as late as their readers allow, so that they need not be kept. */
export function levelsOf(tasks: readonly Task[], fixed: ReadonlySet<Label>): ReadonlyMap<Task, number> {
  const levels = new Map<Task, number>();
  const within = new Set(tasks);
  const readers = new Map<Task, { task: Task; gap: number }[]>();
  for (const task of tasks) {
    let level = 0;
    for (const dependency of dependencies(task)) {
      if (!within.has(dependency.task)) continue;
      const gap = barrier(dependency, task, fixed);
      level = Math.max(level, (levels.get(dependency.task) ?? 0) + gap);
      readers.set(dependency.task, [...(readers.get(dependency.task) ?? []), { task, gap }]);
    }
    levels.set(task, level);
  }
  for (const task of [...tasks].reverse()) {
    const found = readers.get(task);
    if (task.kind === "map" && found !== undefined)
      levels.set(task, Math.max(levels.get(task)!, Math.min(...found.map((r) => levels.get(r.task)! - r.gap))));
  }
  return levels;
}
