import * as z from 'zod';
import { partsOf } from '../platform/error-text.ts';
import { failure } from '../platform/errors.ts';
import { firstIssue } from '../platform/first-issue.ts';
import { jsonIn } from '../platform/read-json.ts';

/** The failure of an asynchronous invocation, in our words. */
export interface FailedInvocation {
  /** The function's name. */
  readonly function: string;
  readonly requestId: string;
  readonly failedAt: Date;
  /** Roughly how often it was tried. */
  readonly attempts: number;
  /** Why the platform gave up, in its own word. */
  readonly condition: string;
  readonly error: FailureText;
  /** The event, byte for byte. */
  readonly payload: string;
}

/** An error as the failed function told it. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  /** Empty when it was none of ours. */
  readonly remedy: string;
}

/** The last instant whose text has a year of four digits. */
const latest = Date.UTC(10_000, 0) - 1;

/** This is what a failure destination receives (fc-docs 064, "Result callback"). */
const envelope = z.object({
  timestamp: z.int().min(0).max(latest),
  requestContext: z.object({
    requestId: z.string().min(1),
    functionArn: z.string().regex(/[:/]functions\/[^/:]+/),
    condition: z.string().default('unknown'),
    approximateInvokeCount: z.int().min(0).default(1),
  }),
  requestPayload: z.string(),
  responsePayload: z.unknown().optional(),
});

/** The answer of a function that threw (fc-docs 109, Node.js: errors). */
const thrown = z.object({ errorType: z.string().default(''), errorMessage: z.string() });

/**
 * Reads what Function Compute sends to a failure destination.
 * @throws DEAD_LETTER_MALFORMED
 */
export function readEnvelope(bytes: Uint8Array): FailedInvocation {
  const json = parseJson(bytes);
  const read = envelope.safeParse(json);
  if (!read.success) {
    if (hasField(json, 'request_context'))
      throw malformedEnvelope(
        'it is what FunctionGraph sends, and this function keeps what Function Compute sends',
      );
    throw malformedEnvelope(firstIssue(read.error, 'the envelope'));
  }
  const { timestamp, requestContext, requestPayload, responsePayload } = read.data;
  const { requestId, functionArn, condition, approximateInvokeCount } = requestContext;
  return {
    function: /[:/]functions\/([^/:]+)/.exec(functionArn)?.[1] ?? functionArn,
    requestId,
    failedAt: new Date(timestamp),
    attempts: approximateInvokeCount,
    condition,
    error: readThrown(responsePayload, condition),
    payload: requestPayload,
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformedEnvelope(`it is not JSON (${bytes.length} bytes)`);
  }
}

/**
 * Reads the answer of a function that failed.
 *
 * An instance that ended (time limit, memory) leaves other answers, or none: then the condition has to do.
 */
export function readThrown(response: unknown, condition: string): FailureText {
  const { data } = thrown.safeParse(typeof response === 'string' ? jsonIn(response) : response);
  if (data !== undefined) return { code: data.errorType || condition, ...partsOf(data.errorMessage) };
  return { code: condition, message: typeof response === 'string' ? response : asText(response), remedy: '' };
}

/** An answer that is nested too deeply for a text is left out, so that the rest can be kept. */
function asText(response: unknown): string {
  try {
    return JSON.stringify(response) ?? 'no answer';
  } catch {
    return 'an answer that cannot be shown as text';
  }
}

/** Tells whether an envelope has a field; the two clouds spell theirs in different ways. */
export const hasField = (json: unknown, name: string): boolean =>
  typeof json === 'object' && json !== null && name in json;

/** Returns the error for an envelope that cannot be read: DEAD_LETTER_MALFORMED, with `reason` saying what is wrong in it. */
export const malformedEnvelope = (reason: string) => failure('DEAD_LETTER_MALFORMED', { reason });
