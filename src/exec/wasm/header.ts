// The first bytes of a module's memory: what a run tells the module as a whole. Buffers begin after them.

/** Places in bytes; `seed…` and `step` are words of 32 bits. */
export const HEADER = {
  /** 16 bytes that take what is written outside of every buffer. */
  outside: 0,
  seedLow: 16,
  seedHigh: 20,
  step: 24,
  end: 64,
} as const;
