// Random words of elements on two lanes of float64, attempt after attempt, and what samplers make of them: the numbers of src/exec/draw/plain.ts, bit by bit.

import type { Attempt, Drawing } from "../../../draw/arithmetic.ts";
import { get, int, intAdd, local, OP, push, set, simd, type Machine } from "../machine.ts";
import { arithmetic, become, begun, BRANCH_IF, END, EVERY_LANE, LOOP, NOTHING } from "../math/arithmetic.ts";
import { add, and, held, inLocal, mul, put, unless, where, type Vector } from "../math/expression.ts";
import { everywhere, normals, philoxWords, runOf, turned, uniforms, WORD, wordsDown } from "../math/philox.ts";
import { unsigned } from "../module.ts";

/** Locals of the site's word, and of the numbers of the elements. */
export type Stream = { readonly site: number; readonly element: number };

export function drawing(m: Machine, { site, element }: Stream): Drawing<Vector, Vector> {
  const a = arithmetic(m);
  const numbersOf = (attempt: Vector): Attempt<Vector> =>
    attemptOf(m, philoxWords(m, inLocal(element), everyLane(site), runOf(m), 2, attempt));
  return {
    ...a,
    once: () => numbersOf(everywhere(1)),
    attempts: (attempt) => {
      const turn = local(m, "i32");
      int(m, 0);
      set(m, turn);
      const open = begun(m, a.taking(EVERY_LANE));
      push(m, [LOOP, NOTHING]);
      get(m, turn);
      int(m, 1);
      intAdd(m);
      set(m, turn);
      const { isTaken, values } = attempt(numbersOf(everyLane(turn)));
      const isOver = held(m, and(isTaken, open.value));
      const results = values.map((x) => {
        const result = local(m, "v128");
        become(m, result, where(isOver, x, inLocal(result)));
        return inLocal(result);
      });
      become(m, open.id, unless(open.value, isTaken));
      put(m, open.value);
      simd(m, OP.anyTrue);
      push(m, [BRANCH_IF, ...unsigned(0), END]);
      return results;
    },
  };
}

const everyLane =
  (id: number): Vector =>
  (m) => {
    get(m, id);
    simd(m, WORD.splat);
  };

/** Of the words of two counters the first two lanes. */
function attemptOf(m: Machine, words: readonly Vector[]): Attempt<Vector> {
  const whole = (word: number, shift: number): Vector => {
    put(m, wordsDown(words[word]!, shift));
    simd(m, WORD.toFloat64);
    const id = local(m, "v128");
    set(m, id);
    return inLocal(id);
  };
  const turn = (word: number) => turned(m, words[word]!);
  return {
    uniform: (word) => uniforms(m, words[word]!)[0]!,
    long: (word) => held(m, mul(add(add(mul(whole(word, 6), 2 ** 27), whole(word + 1, 5)), 0.5), 2 ** -53)),
    normal: (word) => normals(m, words[word]!, words[word + 1]!).cosines[0]!,
    sine: (word) => turn(word).sines[0]!,
    cosine: (word) => turn(word).cosines[0]!,
  };
}
