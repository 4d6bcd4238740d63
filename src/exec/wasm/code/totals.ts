// What the results of a loop come to, turn by turn, in locals.

import { acrossLanes, counting, MEETING } from "./access.ts";
import type { Around } from "./around.ts";
import { add, inLocal, mul, ne, or, pmax, pmin, put, type Operand } from "./math/expression.ts";
import { onePlusFallen } from "./math/exponential.ts";
import { logOfNormal } from "./math/logarithm.ts";
import { get, int, kept, number, push, set, simd, type Machine } from "./machine.ts";
import { IDENTITY, type Result } from "../program/program.ts";
import type { For } from "../program/statements.ts";

export type Total = {
  /** Takes up the values of a turn, a local for each of its vectors. */
  readonly meet: (values: readonly number[], inside: Around) => void;
  /** A local of what all turns came to, in every lane where they were lanes. */
  readonly result: () => number;
};

/** `counter`: the local of the loop's turn; `vectors`: how many a turn takes where turns are lanes, else 0. */
export function totalOf(result: Result, loop: For, counter: number, vectors: number, m: Machine): Total {
  const total = madeOf(result, loop, counter, vectors, m);
  return vectors > 0 ? { ...total, result: () => acrossLanes(total.result(), result.meet, m) } : total;
}

function madeOf(result: Result, loop: For, counter: number, vectors: number, m: Machine): Total {
  if (result.each === "excess") return excessTotal(loop, counter, vectors, m);
  return result.meet === "max" || result.meet === "min"
    ? extreme(result.meet, vectors > 0, m)
    : plainTotal(result, vectors > 0, m);
}

function begun(value: number, m: Machine): number {
  number(m, value);
  return kept(m);
}

function become(id: number, value: Operand, m: Machine): void {
  put(m, value);
  set(m, id);
}

function plainTotal({ meet }: Result, asLanes: boolean, m: Machine): Total {
  const total = begun(IDENTITY[meet], m);
  return {
    meet: (values, inside) => {
      for (const value of values) {
        const own = asLanes ? counting(value, meet, inside) : value;
        get(m, total);
        get(m, own);
        simd(m, m.lanes.op[MEETING[meet]]);
        set(m, total);
      }
    },
    result: () => total,
  };
}

/** The instruction that gives NaN for NaN takes seven of the processor, one turn waiting for the other: NaN is noted apart. */
function extreme(meet: "max" | "min", asLanes: boolean, m: Machine): Total {
  const [total, strange] = [begun(IDENTITY[meet], m), begun(0, m)];
  const further = meet === "max" ? pmax : pmin;
  return {
    meet: (values, inside) => {
      for (const value of values) {
        const x = inLocal(asLanes ? counting(value, meet, inside) : value);
        become(total, further(inLocal(total), x), m);
        become(strange, or(inLocal(strange), ne(x, x)), m);
      }
    },
    result: () => {
      become(total, or(inLocal(total), inLocal(strange)), m);
      return total;
    },
  };
}

/** Factors from 1 to 2 whose product cannot overflow. */
const FACTORS = { f64: 512, f32: 64 } as const;

/** Σ log(1 + e^-|x|) = log Π (1 + e^-|x|): the product gives its logarithm before it could overflow. Every factor loses at most half a unit in the last
 *  place of 1. */
function excessTotal({ count }: For, counter: number, vectors: number, m: Machine): Total {
  const [total, product] = [begun(0, m), begun(1, m)];
  const asLanes = vectors > 0;
  const most = FACTORS[m.lanes.name] * (asLanes ? m.lanes.count : 1);
  const step = asLanes ? vectors * m.lanes.count : 1;
  const addLog = (): void => become(total, add(inLocal(total), logOfNormal(m, inLocal(product))), m);
  return {
    meet: (values, inside) => {
      for (const value of values) {
        put(m, onePlusFallen(m, inLocal(value)));
        const factor = asLanes ? counting(kept(m), "prod", inside) : kept(m);
        become(product, mul(inLocal(product), inLocal(factor)), m);
      }
      if (count > most) onceIn(most, step, counter, m, () => (addLog(), become(product, 1, m)));
    },
    result: () => {
      addLog();
      return total;
    },
  };
}

const [AND, BELOW] = [0x71, 0x49];

/** Code for one turn of so many, a power of 2. */
function onceIn(turns: number, step: number, counter: number, m: Machine, body: () => void): void {
  get(m, counter);
  int(m, turns - 1);
  push(m, [AND]);
  int(m, step);
  push(m, [BELOW, 0x04, 0x40]);
  body();
  push(m, [0x0b]);
}
