// Functions of float32 that are computed in float64, half a vector at a time: where digits would be lost otherwise, and where a function is too rare for fits
// of its own.

import { F64 } from "../lanes.ts";
import { kept, simd, type Machine } from "../machine.ts";
import { held, inLocal, shuffled, type Emit, type Vector } from "./expression.ts";

const [PROMOTE, DEMOTE] = [0x5f, 0x5e];

/** The same code on numbers of float64. */
export const asFloat64 = (m: Machine): Machine => ({ ...m, lanes: F64 });

const converted =
  (op: number) =>
  (x: Vector): Vector =>
  (m) => {
    x(m);
    simd(m, op);
  };
const [promote, demote] = [converted(PROMOTE), converted(DEMOTE)];

/** The lower and the upper half of four numbers. */
export const promoted = (m: Machine, x: Vector): readonly [Vector, Vector] => [
  held(m, promote(x)),
  held(m, promote(shuffled(x, x, [2, 3, 2, 3]))),
];
export const demoted = (m: Machine, [lower, upper]: readonly [Vector, Vector]): Vector =>
  held(m, shuffled(demote(lower), demote(upper), [0, 1, 4, 5]));

/** A function in its own precision, of float32 by way of float64. */
export const widened =
  (emit: Emit): Emit =>
  (m, args) => {
    if (m.lanes.name === "f64") return emit(m, args);
    const wide = asFloat64(m);
    const halves = args.map((arg) => promoted(m, inLocal(arg)));
    const half = (i: 0 | 1): Vector => {
      emit(
        wide,
        halves.map((own) => {
          own[i](m);
          return kept(m);
        }),
      );
      return inLocal(kept(m));
    };
    demoted(m, [half(0), half(1)])(m);
  };
