/** What the command's exit status says; documented in its help. */
export const exitCode = { ok: 0, failure: 1, usage: 2 } as const;

/** A failure that the person at the terminal can do something about: one line, with what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: 1 | 2;

  constructor(
    message: string,
    options: { readonly usage?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.usage === true ? exitCode.usage : exitCode.failure;
  }
}

/** Any thrown value as one line for standard error. */
export const errorLine = (thrown: unknown): string => {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return `isotherm: ${message.trim().replace(/\s*\n\s*/g, ' ')}`;
};
