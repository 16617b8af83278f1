import { day, formatInstant } from '../shared/platform/instant.ts';
import type { Retention } from '../shared/storage/port.ts';

/** A retention as names and values, for people. */
export function retentionLines(retention: Retention | undefined, now: Date): [string, string][] {
  if (retention === undefined) return [['retention', 'none: it can be deleted']];
  const { mode, until } = retention;
  const left = (until.getTime() - now.getTime()) / day;
  const when = left > 0 ? `${left.toFixed(1)} days left` : 'past: it can be deleted';
  return [
    ['retention', mode],
    ['until', `${formatInstant(until)} (${when})`],
  ];
}
