// The statement `draw` as code: the numbers of the elements' random streams, and a call of the sampler, a function that all draws of the module share.

import { ice } from "../../../../base/ice.ts";
import { samplerOf } from "../../../draw/index.ts";
import { hashSite } from "../../../random.ts";
import type { Stmt } from "../../program/program.ts";
import { idOf, type Around } from "../around.ts";
import { F64 } from "../lanes.ts";
import { callShared, get, int, intAdd, intMul, kept, local, machine, set, simd } from "../machine.ts";
import { inLocal, held, put, words, shuffled, type Vector } from "../math/expression.ts";
import { addWords, everywhere, WORD } from "../math/philox.ts";
import { demoted, promoted } from "../math/widened.ts";
import type { Func } from "../module.ts";
import { drawing } from "./stream.ts";

type Draw = Extract<Stmt, { do: "draw" }>;

/** Leaves the draws of all lanes on the stack. The sampler is for two numbers of float64; four of float32 take it twice. */
export function draw({ op, site, element, args }: Draw, around: Around): void {
  const { m } = around;
  const elements = elementsOf(element, around);
  const parameters = args.map((arg) => inLocal(idOf(arg, around)));
  const call = (own: Vector, values: readonly Vector[]): void => {
    int(m, hashSite(site) | 0);
    for (const x of [own, ...values]) put(m, x);
    callShared(m, op, () => samplerFunction(op, args.length));
  };
  if (m.lanes.name === "f64") return call(elements, parameters);
  const halves = parameters.map((x) => promoted(m, x));
  const half = (i: 0 | 1): Vector => {
    call(
      i === 0 ? elements : shuffled(elements, elements, [2, 3, 2, 3]),
      halves.map((own) => own[i]),
    );
    return inLocal(kept(m));
  };
  put(m, demoted(m, [half(0), half(1)]));
}

/** The number of each lane's element, modulo 2^32. */
function elementsOf({ offset, strides, members }: Draw["element"], { m, counters, vector, ids }: Around): Vector {
  int(m, offset | 0);
  for (const [label, stride] of Object.entries(strides)) {
    get(m, counters.get(label) ?? ice(`no loop over ${label}`));
    int(m, stride | 0);
    intMul(m);
    intAdd(m);
  }
  const first = local(m, "i32");
  set(m, first);
  const apart = vector === null ? 0 : (strides[vector.label] ?? 0);
  const own = addWords(
    (m) => {
      get(m, first);
      simd(m, WORD.splat);
    },
    words([0, 1, 2, 3].map((lane) => (lane * apart) | 0)),
  );
  return held(
    m,
    members.reduce((sum, { id, stride }) => addWords(sum, ofMember(ids.get(id) ?? ice(`no value ${id}`), stride)), own),
  );
}

const ofMember =
  (id: number, stride: number): Vector =>
  (m) => {
    get(m, id);
    simd(m, m.lanes.op.toInt);
    put(m, everywhere(stride | 0));
    simd(m, WORD.product);
  };

/** (site, elements, parameters …) → draws. */
function samplerFunction(op: string, arity: number): Func {
  const m = machine(F64);
  const params = ["i32", ...Array<"v128">(arity + 1).fill("v128")] as const;
  const [site, element, ...parameters] = params.map((type) => local(m, type)) as [number, number, ...number[]];
  put(m, samplerOf(op)(drawing(m, { site, element }), parameters.map(inLocal)));
  return { name: op, params, results: ["v128"], locals: m.locals.slice(params.length), code: m.code, calls: m.calls };
}
