import { day, formatInstant, hour } from '../../shared/platform/instant.ts';
import { type HeldPolicy, heldPolicy, plainClient } from '../plain-client.ts';
import type { Draw } from './draw.ts';

/** A bucket with a WORM policy: who initiates it, when, and with how many days. */
export interface PolicyBucket {
  readonly bucket: string;
  /** By hand; by Holdfast when it is not given. */
  readonly initiate?: { readonly days: number; readonly at: Date };
}

/** Days by hand that are acceptable, and some that are not, by the beginning of the bucket's name. */
const daysOf = {
  archive: [180, 365, 3650, 7, 179, 3651],
  strict: [90, 90, 89, 91],
  watched: [365],
  until: [365, 30, 29],
} as const;

/** Two of each kind, initiated at random times before `end`, and two that Holdfast initiates. */
export function drawPolicies(draw: Draw, start: Date, end: Date): PolicyBucket[] {
  const kinds = ['archive', 'archive', 'strict', 'watched', 'until'] as const;
  const byHand = ['a', 'b'].flatMap((suffix) =>
    kinds.map((kind, index): PolicyBucket => {
      const at = new Date(draw.between(start.getTime(), end.getTime()));
      return { bucket: `${kind}-${suffix}${index}`, initiate: { days: draw.pick(daysOf[kind]), at } };
    }),
  );
  return [...byHand, { bucket: 'backup-a' }, { bucket: 'backup-b' }];
}

/** This is when CompleteBucketWorm was called on a bucket, first and last; also calls whose reply was lost. */
export interface LockCalls {
  readonly first: Date;
  readonly last: Date;
}

/** Reads one bucket's policy back. @returns what is wrong; undefined when all is as the rules ask */
export async function checkPolicy(
  url: string,
  subject: PolicyBucket,
  calls: LockCalls | undefined,
  start: Date,
  now: Date,
): Promise<string | undefined> {
  const held = await heldPolicy(plainClient(url, subject.bucket), subject.bucket);
  const found = held && `${held.state}, ${held.days} days, created ${formatInstant(held.createdAt)}`;
  const wrong = subject.initiate
    ? wrongByHand(subject.bucket, subject.initiate.days, held, now)
    : wrongBackup(held, start, now);
  const untimely = wrongTime(subject.bucket, held, calls);
  const problem = wrong ?? untimely;
  return problem && `${subject.bucket}: ${problem}; it is ${found ?? 'without a policy'}`;
}

/** This is what becomes of days that a person has initiated. */
export const isAcceptable: Readonly<Record<string, (days: number) => boolean>> = {
  archive: (days) => days >= 180 && days <= 3650,
  strict: (days) => days === 90,
  until: (days) => days >= 30 && days <= 3650,
  watched: () => false, // it is never locked
};

/** A policy that was initiated by hand, at the end, when its 24 hours are over. */
function wrongByHand(
  bucket: string,
  days: number,
  held: HeldPolicy | undefined,
  now: Date,
): string | undefined {
  const [kind = ''] = bucket.split('-');
  if (isAcceptable[kind]?.(days)) {
    if (held?.state !== 'Locked') return `${days} days were not locked in time`;
    const wanted =
      kind === 'until' ? daysUntil2037(held.createdAt) : extended(days, extensions[kind], held, now);
    return held.days === wanted ? undefined : `it was to have ${wanted} days`;
  }
  if (held?.state === 'Locked') return `${days} days were locked, and the rule does not lock them`;
  return kind === 'strict' && held ? 'it was to be aborted' : undefined;
}

/** `keepUntil: 2036-12-31` includes that day. */
const daysUntil2037 = (createdAt: Date): number =>
  Math.ceil((Date.UTC(2037, 0, 1) - createdAt.getTime()) / day);

/** The days that Holdfast initiates. */
const backupDays = 35;

/** This is how the rules extend: by so many days, when the end is within so many, and up to so many. */
interface Extension {
  readonly by: number;
  readonly within: number;
  readonly upTo: number;
}
const extensions: Readonly<Record<string, Extension>> = {
  archive: { within: 30, by: 365, upTo: 3650 },
  backup: { within: 33, by: 35, upTo: 730 },
};

/** The days that a policy has after as many extensions as its age asks for. */
function extended(
  days: number,
  extension: Extension | undefined,
  { createdAt }: HeldPolicy,
  at: Date,
): number {
  const age = (at.getTime() - createdAt.getTime()) / day;
  let total = days;
  while (extension && total - age <= extension.within && total < extension.upTo)
    total = Math.min(total + extension.by, extension.upTo);
  return total;
}

/**
 * Reads back a policy that needs approvals, when every extension was approved.
 * @returns what is wrong with its days, or with its lock
 */
export async function checkApprovedPolicy(
  url: string,
  { bucket, initiate }: PolicyBucket,
  now: Date,
): Promise<string | undefined> {
  const held = await heldPolicy(plainClient(url, bucket), bucket);
  if (held?.state !== 'Locked') return undefined;
  const [kind = ''] = bucket.split('-');
  const { days } = initiate ?? { days: backupDays };
  if (initiate && !isAcceptable[kind]?.(days))
    return `${bucket}: ${days} days were locked, and the rule does not lock them`;
  // An extension is made a while after it is due: the one before it is right, too.
  const wanted =
    kind === 'until'
      ? [daysUntil2037(held.createdAt)]
      : [now, new Date(now.getTime() - slackMs)].map((at) => extended(days, extensions[kind], held, at));
  return wanted.includes(held.days)
    ? undefined
    : `${bucket}: ${held.days} days, and it was to have ${wanted[0]}`;
}

/** Two periods of the timer are enough to be seen, and a lost one, in fine weather. */
const slackMs = 2 * hour;

/** Holdfast initiates 35 days, locks them, and makes them 70 when they are two days old, and so on. */
function wrongBackup(held: HeldPolicy | undefined, start: Date, now: Date): string | undefined {
  if (held?.state !== 'Locked') return 'it was to be initiated and locked';
  if (held.createdAt.getTime() > start.getTime() + 4 * hour) return 'it was initiated hours late';
  const wanted = [now, new Date(now.getTime() - slackMs)].map((at) =>
    extended(backupDays, extensions['backup'], held, at),
  );
  return wanted.includes(held.days) ? undefined : `it was to have ${wanted[0]} days`;
}

/** From 19 or 20 hours to 24 after the policy began. */
function wrongTime(
  bucket: string,
  held: HeldPolicy | undefined,
  calls: LockCalls | undefined,
): string | undefined {
  if (held?.state !== 'Locked') return undefined;
  if (calls === undefined) return 'it is locked, and nobody called CompleteBucketWorm';
  const from = held.createdAt.getTime() + (bucket.startsWith('strict-') ? 19 : 20) * hour;
  if (calls.first.getTime() < from) return `it was locked too early, at ${formatInstant(calls.first)}`;
  return calls.first.getTime() < held.createdAt.getTime() + day
    ? undefined
    : 'it was locked after its 24 hours';
}
