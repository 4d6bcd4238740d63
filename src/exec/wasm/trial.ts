// Whether more threads make a module faster, found out on its first long calls: alone and shared in turns, and the faster stays. The bits are the same.

import { ice } from "../../base/ice.ts";
import type { SharedModule, Team } from "./threads.ts";

/** Runs a call that makes so many steps. */
export type Caller = (call: () => void, steps: number) => void;

/** Milliseconds of a step that may be worth sharing, and those spent in all before threads are begun for it. */
const STEP = 0.3;
const SPENT = 50;
/** Calls of each kind that are compared, by their fastest. */
const CALLS = 6;
const GAIN = 0.95;

export function withTeam(team: Team, shared: SharedModule): Caller {
  if (!team.isTried) return (call) => together(call, team, shared);
  let now: Caller = waiting(() => (now = trial(team, shared, (found) => (now = found))));
  return (call, steps) => now(call, steps);
}

/** A module traps where it has waited in vain for another thread. */
function together(call: () => void, team: Team, shared: SharedModule): void {
  team.enter(shared);
  try {
    call();
  } catch (error) {
    if ((error as Error).name === "RuntimeError") ice("a thread of the wasm engine died");
    throw error;
  }
}

const alone: Caller = (call) => call();

/** Milliseconds per step. */
function timed(call: () => void, steps: number): number {
  const began = performance.now();
  call();
  return (performance.now() - began) / steps;
}

function waiting(then: () => void): Caller {
  let spent = 0;
  let best = Infinity;
  return (call, steps) => {
    const time = timed(call, steps);
    spent += time * steps;
    best = Math.min(best, time);
    if (spent > SPENT && best > STEP) then();
  };
}

function trial(team: Team, shared: SharedModule, decide: (found: Caller) => void): Caller {
  const best = { alone: Infinity, shared: Infinity };
  let calls = 0;
  team.begin();
  return (call, steps) => {
    if (!team.isThere()) return call();
    const kind = calls % 2 === 0 ? "alone" : "shared";
    if (kind === "alone") team.leave();
    const own = kind === "alone" ? call : (): void => together(call, team, shared);
    best[kind] = Math.min(best[kind], timed(own, steps));
    if (++calls < 2 * CALLS) return;
    if (best.shared > GAIN * best.alone) {
      team.leave();
      return decide(alone);
    }
    decide((next) => together(next, team, shared));
  };
}
