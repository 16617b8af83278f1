import { lockDeadline } from '../../shared/buckets/decide.ts';
import { naturalEnd } from '../../shared/buckets/extend.ts';
import { day, formatInstant, hour } from '../../shared/platform/instant.ts';
import type { BucketPolicy } from '../../shared/storage/port.ts';
import { columnsOf } from '../../shared/terminal/columns.ts';
import { wrapUnder } from '../../shared/terminal/wrap.ts';

/** A WORM policy with what follows from it. Hours and days left are to a tenth, and negative when it has passed. */
export interface PolicyFacts extends BucketPolicy {
  /** It says when a policy that is not locked lapses. */
  readonly lockDeadline?: Date;
  readonly hoursLeft?: number;
  /** It says when objects as old as a locked policy become deletable. */
  readonly end?: Date;
  readonly daysLeft?: number;
}

export function policyFacts(policy: BucketPolicy, now: Date): PolicyFacts {
  const left = (at: Date, unit: number) => Math.round(((at.getTime() - now.getTime()) / unit) * 10) / 10;
  if (policy.state === 'Locked') {
    const end = naturalEnd(policy);
    return { ...policy, end, daysLeft: left(end, day) };
  }
  const deadline = lockDeadline(policy);
  return { ...policy, lockDeadline: deadline, hoursLeft: left(deadline, hour) };
}

/** Makes names and values of it, one line each, for people. */
export function policyLines({ id, state, days, createdAt, ...rest }: PolicyFacts): [string, string][] {
  return [
    ['policy', id],
    ['state', state],
    ['days', String(days)],
    ['created', formatInstant(createdAt)],
    ...(rest.end ? [endLine(rest.end, rest.daysLeft ?? 0)] : []),
    ...(rest.lockDeadline ? [deadlineLine(rest.lockDeadline, rest.hoursLeft ?? 0)] : []),
  ];
}

function endLine(end: Date, daysLeft: number): [string, string] {
  const when = daysLeft > 0 ? `in ${daysLeft.toFixed(1)} days` : 'past';
  return ['end', `${formatInstant(end)} (${when}) for objects as old as the policy; newer ones later`];
}

function deadlineLine(deadline: Date, hoursLeft: number): [string, string] {
  const left = hoursLeft > 0 ? `${hoursLeft.toFixed(1)} hours left` : 'lapsed: objects can be deleted again';
  return ['lock deadline', `${formatInstant(deadline)} (${left})`];
}

/** Names and values below one another. */
export const aligned = (lines: readonly (readonly [string, string])[]): string =>
  lines
    .map(([name, value]) => wrapUnder(`${name.padEnd(13)}  `, value, columnsOf(process.stdout)))
    .join('\n');
