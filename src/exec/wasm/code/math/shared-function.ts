// Map ops whose code is long: a function of the module on two numbers of float64, called wherever the op stands.

import { F64 } from "../lanes.ts";
import { callShared, get, local, machine, type Machine } from "../machine.ts";
import type { Func } from "../module.ts";
import { inLocal, put, type Emit, type Operand, type Vector } from "./expression.ts";
import { widened } from "./widened.ts";

/** `f`: what the function gives, from its parameters. */
export const shared = (name: string, f: (m: Machine, args: readonly Vector[]) => Operand): Emit =>
  widened((m, args) => {
    for (const arg of args) get(m, arg);
    callShared(m, name, () => functionOf(name, args.length, f));
  });

function functionOf(name: string, arity: number, f: (m: Machine, args: readonly Vector[]) => Operand): Func {
  const m = machine(F64);
  const params = Array<"v128">(arity).fill("v128");
  const args = params.map((type) => inLocal(local(m, type)));
  put(m, f(m, args));
  return { name, params, results: ["v128"], locals: m.locals.slice(arity), code: m.code, calls: m.calls };
}
