// Tasks that something reads. Others are left where a rule takes the place of several tasks.

import type { Task, Value } from "./task.ts";

/** The tasks, in their order, that these values come from. */
export function live(tasks: readonly Task[], values: readonly Value[]): readonly Task[] {
  const wanted = new Set<Task>();
  const open = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const own of value.kind === "view" ? value.after : value.kind === "inline" ? [value.task] : []) {
      if (wanted.has(own)) continue;
      wanted.add(own);
      open.push(...own.reads.map((read) => read.value));
    }
  }
  return tasks.filter((own) => wanted.has(own));
}
