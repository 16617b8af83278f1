import { day, formatInstant } from '../../shared/platform/instant.ts';
import type { Retention } from '../../shared/storage/port.ts';

/** Returns a retention as names and values, for people, with a legal hold where one is on. */
export function retentionLines(
  retention: Retention | undefined,
  now: Date,
  legalHold: boolean | undefined = false,
): [string, string][] {
  const free = legalHold ? '' : ': it can be deleted';
  const hold: [string, string][] = legalHold
    ? [['legal hold', 'ON: it cannot be deleted until the hold is lifted, whatever its retention says']]
    : [];
  if (retention === undefined) return [['retention', `none${free}`], ...hold];
  const { mode, until } = retention;
  const left = (until.getTime() - now.getTime()) / day;
  const when = left > 0 ? `${left.toFixed(1)} days left` : `past${free}`;
  const lifted = mode === 'GOVERNANCE' ? ' (whoever may bypass it can lift it)' : '';
  return [['retention', `${mode}${lifted}`], ['until', `${formatInstant(until)} (${when})`], ...hold];
}
