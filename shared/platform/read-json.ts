/**
 * Reads JSON.
 * @param refuse makes the error of a text that is none; the reason is the parser's
 * @throws what `refuse` makes
 */
export function readJson(text: string, refuse: (reason: string, cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Reads JSON; undefined for a text that is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
