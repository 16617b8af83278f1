import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { firstIssue } from '../platform/first-issue.ts';
import type { DeadLetter } from './letter.ts';

/* Apart from letter.ts, which object-created loads at its start: it writes letters, and reads none. */

/** The form of a kept dead letter. */
const form = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  function: z.string().min(1),
  requestId: z.string().min(1),
  failedAt: z.iso.datetime().transform((text) => new Date(text)),
  attempts: z.int(),
  condition: z.string(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
  payload: z.string(),
});

/**
 * Reads a kept letter.
 * @param target where it was read, for the message
 * @throws DEAD_LETTER_BROKEN
 */
export function readLetter(text: string, target: string): DeadLetter {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw failure('DEAD_LETTER_BROKEN', { target, reason: 'it is not JSON' }, { cause });
  }
  const read = form.safeParse(value);
  if (read.success) return read.data;
  throw failure('DEAD_LETTER_BROKEN', { target, reason: firstIssue(read.error, 'the file') });
}
