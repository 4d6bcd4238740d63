// A graph at given sizes to a program: what a run decides is lowered, what depends on data alone is known before.

import { ice } from "../../base/ice.ts";
import type { Axis, Node } from "../../ir/node.ts";
import { partsOf } from "../data-only.ts";
import type { Frame } from "../kept.ts";
import type { Carry } from "./task/carry.ts";
import { cut } from "./program/cuts.ts";
import { guarded } from "./program/guarded.ts";
import { hoisted } from "./program/hoist.ts";
import { inPlace } from "./program/in-place.ts";
import { betweenSteps, type Between } from "./code/iteration.ts";
import { ownTurns } from "./program/own-turns.ts";
import { programOf } from "./program/loops.ts";
import { outsideOf } from "./program/outside.ts";
import type { Noise, Program } from "./program/program.ts";
import { softplusSums } from "./program/softplus-sums.ts";
import { storeTask, tasksOf, type Tasks } from "./task/tasks.ts";
import { withoutUnread } from "./program/unread.ts";

export type Lowered = Pick<Tasks, "given" | "outputs" | "carried"> & {
  readonly program: Program;
  /** Null where a call is one step. */
  readonly between: Between | null;
  /** Nodes whose value a run decides. */
  readonly varying: ReadonlySet<Node>;
};

/** What becomes of outputs between steps, where a call makes many. */
export type Many = {
  readonly carries: readonly Carry[];
  readonly recorded: readonly Node[];
  /** What the members of batched axes are drawn by. */
  readonly batches: Readonly<Record<Axis, string>>;
};

/** `outputs`: nodes in terms of simple ops, those of `many` among them. */
export function lower(
  outputs: readonly Node[],
  frame: Omit<Frame, "outputs" | "iteration">,
  many: Many | null = null,
): Lowered {
  const { varying, known } = partsOf(outputs, frame.batched);
  const tasks = tasksOf(varying, known, outputs, frame, many?.carries ?? []);
  const nested = programOf(tasks.tasks, tasks.buffers, (task) => storeTask(task, tasks), outsideOf(tasks.tasks));
  const members = [...tasks.given].filter(([{ op, axes }]) => op.name === "iota" && frame.batched.includes(axes[0]!));
  const varies = new Set([...varying, ...members.map(([node]) => node)]);
  const { noises, given, outputs: views } = tasks;
  const read = [...views, ...tasks.carried.map(({ from }) => from)];
  const busy = new Set([...read, ...given.values()].map(({ buffer }) => buffer));
  const needed = withoutUnread(nested, new Set(read.map(({ buffer }) => buffer)));
  const program = withNoise(noises, softplusSums(hoisted(needed)));
  if (many === null)
    return {
      program: ownTurns(cut(program), busy),
      between: null,
      given,
      outputs: views,
      carried: tasks.carried,
      varying: varies,
    };
  const recorded = many.recorded.map((node) => views[outputs.indexOf(node)]!);
  const shortened = inPlace(program, tasks.carried, new Set(recorded.map(({ buffer }) => buffer)));
  const drawn = members.map(
    ([
      {
        axes: [axis],
      },
      { buffer },
    ]) => ({
      site: many.batches[axis!] ?? ice(`the members of ${axis} are not drawn`),
      count: frame.fullSizes[axis!] ?? ice(`no full size of ${axis}`),
      to: buffer,
    }),
  );
  for (const { from } of shortened.carried) busy.add(from.buffer);
  const own = ownTurns(cut(guarded(shortened.program)), busy);
  const { between, buffers } = betweenSteps(recorded, drawn, shortened.carried, own.buffers);
  return {
    program: { buffers, body: own.body },
    between,
    given,
    outputs: views,
    carried: shortened.carried,
    varying: varies,
  };
}

const withNoise = (noises: readonly Noise[], { buffers, body }: Program): Program => ({
  buffers,
  body: noises.length === 0 ? body : [{ do: "noise", noises }, ...body],
});
