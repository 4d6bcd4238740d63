/** A failure that is ours, never the user's: it asks for a bug report. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** Stops with an internal error; `detail` (a printed graph, a node) goes into the report. */
export function ice(message: string, detail?: string): never {
  throw new InternalError(
    `internal error: ${message}. This is a bug in Variate: please report it with the model.` +
      (detail === undefined ? "" : `\n${detail}`),
  );
}
