// Steps for about so many seconds: chunks whose length follows the speed, each about a third of the time asked for.

export type Timed = {
  readonly steps: number;
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpu: number;
};
export type Chunks = (seconds: number) => Promise<Timed>;

const MOST = 1_000_000;

/** The length found is kept for the next call. */
export function adaptiveChunks(run: (steps: number) => unknown): Chunks {
  let chunk = 1;
  return async (seconds) => {
    const began = performance.now();
    const busy = process.cpuUsage();
    for (let steps = 0; ;) {
      const from = performance.now();
      await run(chunk);
      const now = performance.now();
      steps += chunk;
      if (now - began >= 1000 * seconds) {
        const { user, system } = process.cpuUsage(busy);
        return { steps, seconds: (now - began) / 1000, cpu: (user + system) / 1e6 };
      }
      chunk = Math.max(1, Math.min(MOST, Math.floor((chunk * 1000 * seconds) / 3 / Math.max(now - from, 1e-3)) + 1));
    }
  };
}
