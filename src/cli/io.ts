// The outside world as the commands see it: two text streams, standard input, and what the terminal can show.

export type Io = {
  /** Results only. */
  readonly out: (text: string) => void;
  /** Progress and diagnostics. */
  readonly err: (text: string) => void;
  readonly stdin: () => Promise<Uint8Array>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Columns of a line: those of the terminal within reason, or of a page where there is none. */
  readonly columns: number;
};

/** Wider lines are hard to read, narrower tables do not fit. */
const PAGE = 100;
const NARROW = 60;

/** The streams of this process. A reader that goes away (`| head`) is no error. */
export function processIo(): Io {
  process.stdout.on("error", ignoreClosedPipe);
  process.stderr.on("error", ignoreClosedPipe);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stdin: readAll,
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: Math.min(Math.max(process.stdout.columns || PAGE, NARROW), PAGE),
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

async function readAll(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
