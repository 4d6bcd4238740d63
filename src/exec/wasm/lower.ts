// A graph at given sizes to a program: what a run decides is lowered, what depends on data alone is known before.

import type { Axis, Node } from "../../ir/node.ts";
import { partsOf } from "../data-only.ts";
import type { Sizes } from "../reference/cell.ts";
import { programOf } from "./loops.ts";
import type { Program } from "./program.ts";
import type { Host } from "./task.ts";
import { storeTask, tasksOf, type Tasks } from "./tasks.ts";

export type Lowered = Pick<Tasks, "given" | "outputs"> & {
  readonly program: Program;
  /** What the program's `host` statements call, by their number. */
  readonly hosts: readonly Host[];
  /** Nodes whose value a run decides. */
  readonly varying: ReadonlySet<Node>;
};

/** `outputs`: nodes in terms of simple ops; `batched`: axes whose members a run names. */
export function lower(outputs: readonly Node[], batched: readonly Axis[], sizes: Sizes): Lowered {
  const { varying, known } = partsOf(outputs, batched);
  const tasks = tasksOf(varying, known, outputs, sizes);
  const { program, hosts } = programOf(tasks.tasks, tasks.buffers, (task) => storeTask(task, tasks));
  return { program, hosts, given: tasks.given, outputs: tasks.outputs, varying: new Set(varying) };
}
