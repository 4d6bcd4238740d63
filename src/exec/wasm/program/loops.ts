// Tasks to a program. One rule fuses: a loop is a (level, outer label) pair, where the outer label of a task is its largest one, and a level ends where a
// value has to be complete before it is read. The same rule applies inside each loop to the labels that are left (codegen, section 3).

import { ice } from "../../../base/ice.ts";
import type { MapOp } from "../../../ir/op.ts";
import { add, equal, less, maximum, minimum, mul, neg, not, select, square, sub } from "../../../op/index.ts";
import {
  IDENTITY,
  type At,
  type Buffer,
  type Id,
  type Label,
  type Meet,
  type Order,
  type Program,
  type Result,
  type Stmt,
} from "./program.ts";
import type { Loop, Read, Task, View } from "../task/task.ts";
import { inMemory, levelsOf, outerOf, reducedOf } from "./levels.ts";
import { goesAround, UNROLLED, withSteps, type Outside } from "./outside.ts";

const COMBINE: Readonly<Record<Meet, MapOp>> = {
  sum: add.op as MapOp,
  prod: mul.op as MapOp,
  max: maximum.op as MapOp,
  min: minimum.op as MapOp,
};

/** What a fold has come to inside some loops, for one choice of the labels that were written out. */
type Partial = { readonly at: Readonly<Record<Label, number>>; readonly id: Id };

type Scope = {
  readonly body: Stmt[];
  /** Labels of the loops around, and of those written out with their turn. */
  readonly fixed: ReadonlySet<Label>;
  readonly turns: Readonly<Record<Label, number>>;
  readonly ids: Map<Task, Id>;
  readonly loads: Map<string, Id>;
  readonly partials: Map<Task, Partial[]>;
  /** A loop is around whose turns are in any order. */
  readonly looped: boolean;
};

type State = { next: Id; readonly needed: Set<Task>; readonly outside: Outside };

/** `store`: gives a task a place in memory. */
export function programOf(
  tasks: readonly Task[],
  buffers: readonly Buffer[],
  store: (task: Task) => void,
  outside: Outside,
): Program {
  const all = withSteps(tasks);
  for (;;) {
    for (const task of all) if (inMemory(task, outside) && task.target === null) store(task);
    const state: State = { next: 0, needed: new Set(), outside };
    const scope: Scope = {
      body: [],
      fixed: new Set(),
      turns: {},
      ids: new Map(),
      loads: new Map(),
      partials: new Map(),
      looped: false,
    };
    region(tasks, scope, state);
    if (state.needed.size === 0) return { buffers, body: scope.body };
    state.needed.forEach(store);
  }
}

function region(tasks: readonly Task[], scope: Scope, state: State): void {
  const { outside } = state;
  const levels = levelsOf(tasks, scope.fixed, outside);
  const last = Math.max(-1, ...levels.values());
  for (let level = 0; level <= last; level++) {
    const own = tasks.filter((task) => levels.get(task) === level);
    if (!scope.looped) for (const task of own) prepare(task, scope, outside);
    for (const task of own) if (outerOf(task, scope.fixed, outside) === null) point(task, scope, state);
    const groups = new Map<Label, { loop: Loop; tasks: Task[] }>();
    for (const task of own) {
      const loop = outerOf(task, scope.fixed, outside);
      if (loop === null) continue;
      const group = groups.get(loop.label) ?? { loop, tasks: [] };
      group.tasks.push(task);
      groups.set(loop.label, group);
    }
    for (const { loop, tasks: inside } of groups.values()) {
      if (inside[0]?.kind === "scan") recursion(inside[0], loop, scope, state);
      else if (inside[0]?.kind === "nest") scope.body.push(...inside[0].write(() => state.next++));
      else (scope.looped && loop.size <= UNROLLED ? writtenOut : rolled)(loop, inside, scope, state);
    }
  }
}

/** Elements that are taken up in memory begin at the identity. */
function prepare(task: Task, scope: Scope, outside: Outside): void {
  const meet = task.kind === "scatter" ? "sum" : task.kind === "fold" && inMemory(task, outside) ? task.meet : null;
  if (meet !== null) scope.body.push({ do: "fill", buffer: task.target!.buffer, value: IDENTITY[meet] });
}

// ---------------------------------------------------------------------------------------- loops

function rolled(loop: Loop, tasks: readonly Task[], scope: Scope, state: State): void {
  const inside: Scope = {
    body: [],
    fixed: new Set([...scope.fixed, loop.label]),
    turns: scope.turns,
    ids: new Map(scope.ids),
    loads: new Map(scope.loads),
    partials: new Map(),
    looped: true,
  };
  region(tasks, inside, state);
  const results: Result[] = [];
  const partials = [...inside.partials].map(([task, found]) => {
    const { meet } = task as Extract<Task, { kind: "fold" }>;
    return [
      task,
      found.map(({ at, id: of }): Partial => {
        const id = state.next++;
        results.push({ id, of, meet });
        return { at, id };
      }),
    ] as const;
  });
  scope.body.push({
    do: "for",
    label: loop.label,
    count: loop.size,
    order: orderOf(loop, tasks, state.outside),
    within: null,
    body: inside.body,
    results,
  });
  for (const [task, found] of partials) folded(task, found, scope, state);
}

/** Where it goes around a longer loop, that one is lanes. */
const orderOf = (loop: Loop, tasks: readonly Task[], outside: Outside): Order =>
  tasks.some(({ space }) => space.some((own) => goesAround(loop, own, outside))) ? "each" : "any";

/** Step after step. What a step computes, it computes anew. */
function recursion(
  { order, body }: Extract<Task, { kind: "scan" }>,
  { label, size }: Loop,
  scope: Scope,
  state: State,
): void {
  const inside: Scope = {
    body: [],
    fixed: new Set([...scope.fixed, label]),
    turns: scope.turns,
    ids: new Map(),
    loads: new Map(),
    partials: new Map(),
    looped: scope.looped,
  };
  region(body, inside, state);
  scope.body.push({ do: "for", label, count: size, order, within: null, body: inside.body, results: [] });
}

function writtenOut(loop: Loop, tasks: readonly Task[], scope: Scope, state: State): void {
  if (loop.size === 0) return withoutTurns(tasks, scope, state);
  const all = new Map<Task, Partial[]>();
  for (let turn = 0; turn < loop.size; turn++) {
    const inside: Scope = {
      body: scope.body,
      fixed: new Set([...scope.fixed, loop.label]),
      turns: { ...scope.turns, [loop.label]: turn },
      ids: new Map(scope.ids),
      loads: scope.loads,
      partials: new Map(),
      looped: scope.looped,
    };
    region(tasks, inside, state);
    for (const [task, found] of inside.partials) {
      const kept = reducedOf(task).includes(loop.label)
        ? found
        : found.map(({ at, id }) => ({ at: { ...at, [loop.label]: turn }, id }));
      all.set(task, [...(all.get(task) ?? []), ...kept]);
    }
  }
  for (const [task, found] of all) {
    folded(
      task,
      reducedOf(task).includes(loop.label)
        ? merged(task as Extract<Task, { kind: "fold" }>, found, scope, state)
        : found,
      scope,
      state,
    );
  }
}

/** Folds over nothing are at their identity; elements of what keeps an empty loop there are none. */
function withoutTurns(tasks: readonly Task[], scope: Scope, state: State): void {
  for (const task of tasks) {
    const isFolded =
      task.kind === "fold" && task.space.every(({ label }) => scope.fixed.has(label) || task.reduced.includes(label));
    if (isFolded) folded(task, [{ at: {}, id: numberOf(IDENTITY[task.meet], scope, state) }], scope, state);
  }
}

/** Partials at the same labels, combined. */
function merged(
  { meet }: Extract<Task, { kind: "fold" }>,
  found: readonly Partial[],
  scope: Scope,
  state: State,
): Partial[] {
  const byPlace = new Map<string, Partial>();
  for (const partial of found) {
    const key = JSON.stringify(partial.at);
    const before = byPlace.get(key);
    byPlace.set(
      key,
      before === undefined
        ? partial
        : { at: partial.at, id: letOf(COMBINE[meet], [before.id, partial.id], scope, state) },
    );
  }
  return [...byPlace.values()];
}

/** A fold after one of its loops: done, or a partial of the loops further out. */
function folded(task: Task, partials: readonly Partial[], scope: Scope, state: State): void {
  if (reducedOf(task).some((label) => scope.fixed.has(label))) {
    scope.partials.set(task, [...(scope.partials.get(task) ?? []), ...partials]);
    return;
  }
  const single = partials.length === 1 && Object.keys(partials[0]!.at).length === 0 ? partials[0]! : null;
  if (single !== null) scope.ids.set(task, single.id);
  if (single === null && task.target === null) state.needed.add(task);
  if (task.target === null) return;
  for (const { at, id } of partials) put(task.target, { ...scope.turns, ...at }, id, scope);
}

// ---------------------------------------------------------------------------------------- statements

function letOf(op: MapOp, args: readonly Id[], scope: Scope, state: State): Id {
  const id = state.next++;
  scope.body.push({ do: "let", id, op, args });
  return id;
}

function numberOf(value: number, scope: Scope, state: State): Id {
  const id = state.next++;
  scope.body.push({ do: "number", id, value });
  return id;
}

const labelsOf = (view: View): readonly (Label | null)[] => view.dims.map(({ label }) => label);

/** The element at these places along the dims of a view: loops, or numbers. */
export function placeOf(
  view: View,
  labels: readonly (Label | number | null)[],
  turns: Readonly<Record<Label, number>>,
  by: At["by"],
): At {
  const dims = view.dims.map(({ stride }, i) => ({ label: labels[i] ?? null, stride }));
  const { offset, strides } = walked([...dims, ...view.along], turns);
  return { buffer: view.buffer, offset: view.offset + offset, strides, by };
}

type Walk = { readonly label: Label | number | null; readonly stride: number };

/** Strides along loops, and what labels come to that are numbers. */
function walked(dims: readonly Walk[], turns: Readonly<Record<Label, number>>): Pick<At, "offset" | "strides"> {
  const strides: Record<Label, number> = {};
  let offset = 0;
  for (const { label, stride } of dims) {
    if (label === null || stride === 0) continue;
    if (typeof label === "number") offset += stride * label;
    else if (label in turns) offset += stride * turns[label]!;
    else strides[label] = (strides[label] ?? 0) + stride;
  }
  return { offset, strides };
}

function load(at: At, scope: Scope, state: State): Id {
  const key = JSON.stringify(at);
  const known = scope.loads.get(key);
  if (known !== undefined) return known;
  const id = state.next++;
  scope.body.push({ do: "load", id, at });
  scope.loads.set(key, id);
  return id;
}

function valueOf({ value, labels }: Read, scope: Scope, state: State): Id {
  if (value.kind === "number") return numberOf(value.value, scope, state);
  if (value.kind === "view") return load(placeOf(value, labels, scope.turns, null), scope, state);
  const known = scope.ids.get(value.task);
  if (known !== undefined) return known;
  const { target } = value.task;
  if (target !== null) return load(placeOf(target, labelsOf(target), scope.turns, null), scope, state);
  if (value.task.kind === "map" && leftAfter(value.task, CHEAP, scope) >= 0) return again(value.task, scope, state);
  state.needed.add(value.task);
  return state.next++;
}

/** What a value may cost that is computed again rather than kept (codegen, section 3). */
const CHEAP = 4;
const CHEAP_OPS: ReadonlySet<MapOp> = new Set(
  [add, sub, mul, neg, square, select, equal, less, not].map(({ op }) => op as MapOp),
);

/** What is left of a budget of operations and loads after a map is computed where its loop is not around; below 0: nothing. What varies less than the map is
 *  loaded, if it is not cheap itself; loads that the innermost loop does not walk along move out of it. */
function leftAfter(task: Extract<Task, { kind: "map" }>, budget: number, scope: Scope): number {
  const innermost = [...scope.fixed].at(-1) ?? "";
  let left = CHEAP_OPS.has(task.op) ? budget - 1 : -1;
  for (const { value, labels } of task.reads) {
    if (left < 0) return left;
    if (value.kind === "number" || (value.kind === "inline" && scope.ids.has(value.task))) continue;
    if (value.kind === "view") left -= innermost in placeOf(value, labels, scope.turns, null).strides ? 1 : 0;
    else if (value.task.target !== null) left -= 1;
    else {
      const after = value.task.kind === "map" ? leftAfter(value.task, left, scope) : -1;
      left = after < 0 && value.task.space.length < task.space.length ? left - 1 : after;
    }
  }
  return left;
}

function again(task: Extract<Task, { kind: "map" }>, scope: Scope, state: State): Id {
  const args = task.reads.map((read) => valueOf(read, scope, state));
  const id = letOf(task.op, args, scope, state);
  scope.ids.set(task, id);
  return id;
}

/** A task at one point of its space. */
function point(task: Task, scope: Scope, state: State): void {
  switch (task.kind) {
    case "scan":
    case "nest":
      return ice(`a ${task.kind} has a loop`);
    case "map":
      return keep(
        task,
        letOf(
          task.op,
          task.reads.map((read) => valueOf(read, scope, state)),
          scope,
          state,
        ),
        scope,
      );
    case "draw":
      return keep(task, drawOf(task, scope, state), scope);
    case "copy":
      return keep(task, valueOf(task.reads[0]!, scope, state), scope);
    case "gather": {
      const [source, index] = task.reads as [Read, Read];
      if (source.value.kind !== "view") return keep(task, valueOf(source, scope, state), scope);
      const by = { index: valueOf(index, scope, state), stride: task.stride, count: task.count };
      return keep(task, load(placeOf(source.value, source.labels, scope.turns, by), scope, state), scope);
    }
    case "scatter": {
      const [source, index] = task.reads as [Read, Read];
      const by = { index: valueOf(index, scope, state), stride: task.stride, count: task.count };
      const along = labelsOf(task.target!).map((label) =>
        task.space.some((loop) => loop.label === label) ? label : null,
      );
      const at = placeOf(task.target!, along, scope.turns, by);
      scope.body.push({ do: "meet", at, value: valueOf(source, scope, state), meet: "sum" });
      return;
    }
    case "fold": {
      const id = valueOf(task.reads[0]!, scope, state);
      if (!inMemory(task, state.outside)) return folded(task, [{ at: {}, id }], scope, state);
      const target = task.target ?? ice("a fold without memory");
      scope.body.push({
        do: "meet",
        at: placeOf(target, labelsOf(target), scope.turns, null),
        value: id,
        meet: task.meet,
      });
    }
  }
}

function drawOf(task: Extract<Task, { kind: "draw" }>, scope: Scope, state: State): Id {
  const read = task.reads.map((own) => valueOf(own, scope, state));
  const args = read.slice(0, read.length - task.members.length);
  const members = task.members.map((stride, i) => ({ id: read[args.length + i]!, stride }));
  const { offset, strides } = walked(task.strides, scope.turns);
  const id = state.next++;
  scope.body.push({ do: "draw", id, op: task.op, site: task.site, element: { offset, strides, members }, args });
  return id;
}

function keep(task: Task, id: Id, scope: Scope): void {
  scope.ids.set(task, id);
  if (task.target !== null) put(task.target, scope.turns, id, scope);
}

/** What is stored is known: the same loops need not load it again. */
function put(target: View, turns: Readonly<Record<Label, number>>, value: Id, scope: Scope): void {
  const at = placeOf(target, labelsOf(target), turns, null);
  scope.body.push({ do: "store", at, value });
  scope.loads.set(JSON.stringify(at), value);
}
