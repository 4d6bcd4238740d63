/** A row of the table of codes: `title` heads its page, `say` words the message. */
export type CodeRow = {
  readonly severity: "error" | "warning" | "note";
  readonly title: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each row has its own arguments
  readonly say: (args: any) => string;
};
