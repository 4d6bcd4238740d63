// The first bytes of a module's memory: what a run tells the module as a whole. Buffers begin after them.

/** Places in bytes; `seed…` and `step` are words of 32 bits. */
export const HEADER = {
  /** 16 bytes that take what is written outside of every buffer. */
  outside: 0,
  seedLow: 16,
  seedHigh: 20,
  step: 24,
  /** What threads share out (share.ts): a ticket, of which the upper half tells which parts, and the lower half how many of them are taken; how many are
   *  done; how many threads sleep until there are parts, and whether one sleeps until they are done; whether they have to be repeated; and how many threads
   *  there are besides the first. */
  ticketLow: 32,
  ticketHigh: 36,
  done: 40,
  asleep: 44,
  waiting: 48,
  again: 52,
  others: 56,
  end: 64,
} as const;
