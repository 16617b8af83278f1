import type { ErrorEntry } from './error-table/entry.ts';
import { errorTable } from './error-table.ts';
import { withoutSecrets } from './secrets.ts';
import { visible } from './visible.ts';

export type ErrorCode = keyof typeof errorTable;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? NameIn<Name> | Names<Rest>
  : never;

/** The name in a hole such as `count` or `count|version|versions`. */
type NameIn<Hole extends string> = Hole extends `${infer Name}|${string}` ? Name : Hole;

/** This is what has to be filled in for a code. */
export type ErrorParams<Code extends ErrorCode> = Record<
  Names<(typeof errorTable)[Code]['message']> | Names<(typeof errorTable)[Code]['remedy']>,
  string | number
>;

/** This is what the service said, when it was the service that refused. */
export interface ServiceReply {
  readonly status?: number;
  readonly code?: string;
  readonly requestId?: string;
}

/** The one error class of Holdfast. Branch on `code`; show `message` and `remedy` to people. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** This is what to do about it, one sentence. */
    readonly remedy: string,
    /** Tells whether the same call may succeed later. */
    readonly transient: boolean,
    readonly reply: ServiceReply,
    options?: ErrorOptions,
    /** Tells whether it is certain that the request never reached the service, so that it had no effect. */
    readonly notSent = false,
  ) {
    super(message, options);
  }
}

/** Holes that take a path. An empty one, such as that of a variable that is not set, is shown as such. */
const ofPaths: ReadonlySet<string> = new Set(['file', 'folder', 'source']);

/**
 * Holes that take several lines, each of which is safe by itself. All others take one: names that others have chosen, what was typed and
 * what a service says add no line to a message.
 */
const ofLines: ReadonlySet<string> = new Set(['differences', 'failures', 'looked', 'problems']);

/**
 * Makes the error of a code.
 * @param params fills the names in braces of the table's texts
 * @param options `cause`: what led to it; `reply`: the service's own words; `notSent`: see {@link HoldfastError};
 * `remedy`: instead of the table's, where the caller knows better what to do
 * @example
 * throw failure('NO_SUCH_BUCKET', { operation: 'HeadObject', address: 'oss://fin-eu' });
 */
export function failure<Code extends ErrorCode>(
  code: Code,
  params: ErrorParams<Code>,
  options: { cause?: unknown; reply?: ServiceReply; notSent?: boolean; remedy?: string } = {},
): HoldfastError {
  const entry: ErrorEntry = errorTable[code];
  const values: Record<string, string | number> = params;
  const fill = (text: string) =>
    text.replace(/\{(\w+)(?:\|(\w+)\|(\w+))?\}/g, (hole, name, one, many) => {
      if (one !== undefined) return Number(values[name]) === 1 ? one : many;
      const value = withoutSecrets(String(values[name] ?? hole));
      if (value === '' && ofPaths.has(name)) return '""';
      return ofLines.has(name) ? value : visible(value);
    });
  const cause = options.cause === undefined ? undefined : { cause: options.cause };
  return new HoldfastError(
    code,
    fill(entry.message),
    options.remedy ?? fill(entry.remedy),
    entry.kind === 'transient',
    options.reply ?? {},
    cause,
    options.notSent ?? false,
  );
}

/** Tells whether the error is the one with this code. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is HoldfastError {
  return error instanceof HoldfastError && codes.includes(error.code);
}

/**
 * The functions that make errors and tell them apart. Code that a function loads as a file of its own has another class of errors, so
 * whoever loads it hands these over.
 */
export interface ErrorTools {
  readonly failure: typeof failure;
  readonly hasCode: typeof hasCode;
}
