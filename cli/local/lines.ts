import { printJson } from '../terminal/output.ts';

/** These are the kinds of JSON lines that `holdfast local --json` prints. */
type LocalLine = 'ready' | 'demo' | 'uploaded' | 'invocation' | 'undelivered' | 'reloaded' | 'not-reloaded';

/** Prints one JSON line of `holdfast local --json`, which says its format first. */
export const printLocalLine = (kind: LocalLine, fields: object): void =>
  printJson(JSON.stringify({ format: `holdfast.local.${kind}/1`, ...fields }));
