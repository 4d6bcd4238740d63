// Whether more threads make a module faster, found out on its first calls: alone and shared in turns, and the faster
// stays. The bits are the same.

import { ice } from "../../base/ice.ts";
import type { SharedModule, Team } from "./threads.ts";

/** Runs a call that makes so many steps. */
export type Caller = (call: () => void, steps: number) => void;

/** Milliseconds of a step that may be worth sharing (its loops have parts of 0.02), and those spent in all before
 *  threads are begun for it. */
const STEP = 0.05;
const SPENT = 50;
/** A turn is so many milliseconds of calls: that the others have to wake up where calls are short, and far between,
 *  belongs to the price. */
const TURN = 5;
/** Turns of each kind that are compared, by their fastest. */
const TURNS = 6;
/** Turns in a row. */
const SLOWER = 20;
const GAIN = 0.95;

export function withTeam(team: Team, shared: SharedModule): Caller {
  if (!team.isTried) {
    return (call) => {
      team.adopt();
      together(call, team, shared);
    };
  }
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
  const sharing: Caller = (call) => together(call, team, shared);
  let turns = 0;
  const isShared = (): boolean => turns % 2 === 1;
  const part = inTurns(
    (call, steps) => (isShared() ? sharing : alone)(call, steps),
    (time) => {
      const kind = isShared() ? "shared" : "alone";
      best[kind] = Math.min(best[kind], time);
      if (isShared()) team.leave();
      if (++turns < 2 * TURNS) return;
      if (best.shared > GAIN * best.alone) return decide(alone);
      team.adopt();
      decide(watched(team, sharing, best.alone, decide));
    },
  );
  team.begin();
  return (call, steps) => (team.isThere() ? part : alone)(call, steps);
}

/** The machine may have other work later: threads go that made every one of many turns slower than it was alone. */
function watched(team: Team, sharing: Caller, wasAlone: number, decide: (found: Caller) => void): Caller {
  let slower = 0;
  return inTurns(sharing, (time) => {
    slower = time > wasAlone ? slower + 1 : 0;
    if (slower < SLOWER) return;
    team.leave();
    decide(alone);
  });
}

/** Tells the milliseconds of a step after every turn. */
function inTurns(caller: Caller, told: (time: number) => void): Caller {
  let now = { steps: 0, time: 0 };
  return (call, steps) => {
    const time = steps * timed(() => caller(call, steps), steps);
    now = { steps: now.steps + steps, time: now.time + time };
    if (now.time < TURN) return;
    const { time: all, steps: made } = now;
    now = { steps: 0, time: 0 };
    told(all / made);
  };
}
