import { DateTime } from 'luxon';
import { failure } from '../../shared/platform/errors.ts';

/**
 * Returns an option's value that is an instant.
 * @param command for the message, such as `holdfast explain`
 * @throws USAGE
 */
export function readInstant(option: string, text: string, command: string): Date {
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  if (instant.isValid) return instant.toJSDate();
  const reason = `${option} ${text}: expected ISO 8601, such as 2026-11-20T10:00:00Z`;
  throw failure('USAGE', { reason, command });
}
