import * as z from 'zod';
import { parseEventTime } from '../events/event-time.ts';
import { firstIssue } from '../platform/first-issue.ts';
import { type FailedInvocation, hasField, malformedEnvelope, readThrown } from './envelope.ts';

/**
 * This is what FunctionGraph sends to a failure destination (recorded in the tests of the Java runtime of Open
 * Telekom Cloud).
 */
const graphEnvelope = z.object({
  /** ISO 8601 with nanoseconds and an offset. */
  timestamp: z.string(),
  request_context: z.object({
    request_id: z.string().min(1),
    /** `urn:fss:REGION:PROJECT:function:PACKAGE:NAME:VERSION` */
    function_urn: z.string().regex(/^urn:fss:[^:]*:[^:]*:function:[^:]*:[^:]+/),
    condition: z.string().default('unknown'),
    /** Repetitions: 0 for a failure that was not repeated. */
    approximate_invoke_count: z.int().min(0).default(0),
  }),
  request_payload: z.string(),
  response_payload: z.unknown().optional(),
});

/**
 * Reads what FunctionGraph sends to a failure destination.
 * @param event the parsed envelope
 * @throws DEAD_LETTER_MALFORMED
 */
export function readGraphEnvelope(event: unknown): FailedInvocation {
  const read = graphEnvelope.safeParse(event);
  if (!read.success) {
    if (hasField(event, 'requestContext'))
      throw malformedEnvelope(
        'it is what Function Compute sends, and this function keeps what FunctionGraph sends',
      );
    throw malformedEnvelope(firstIssue(read.error, 'the envelope'));
  }
  const {
    timestamp,
    request_context: context,
    request_payload: payload,
    response_payload: response,
  } = read.data;
  const failedAt = parseEventTime(timestamp);
  if (failedAt === undefined) throw malformedEnvelope(`timestamp: ${timestamp} is no time`);
  return {
    function: context.function_urn.split(':')[6] ?? '',
    requestId: context.request_id,
    failedAt,
    attempts: context.approximate_invoke_count + 1,
    condition: context.condition,
    error: readThrown(response, context.condition),
    payload,
  };
}
