import { day, hour } from '../../shared/platform/instant.ts';
import { plainClient } from '../plain-client.ts';
import type { ApprovedAct, GivenApproval, Happening } from './ledger.ts';
import { approvalsOf } from './ledger.ts';
import { isAcceptable, type PolicyBucket } from './policies.ts';

/** A policy as it was last seen: a person or the timer may put another one in its place. */
interface SeenPolicy {
  readonly bucket: string;
  readonly wormId: string;
  readonly days: number;
  readonly createdAt: number;
  readonly isLocked: boolean;
  /** The instant at which it was last seen; it may have been aborted right behind that. */
  readonly seenAt: number;
}

/** Follows what becomes of policies that need approvals, with the plain client. */
export interface PolicyWatch {
  /** Notes a call that locks or extends. */
  noteCall(bucket: string, by: string, operation: 'lock' | 'extend', time: number): void;
  noteTimerRun(time: number): void;
  /** Looks at every policy. */
  look(): Promise<void>;
  /** Returns every lock and extension that was seen, and every call that tried one. */
  happenings(): readonly Happening[];
  /** Names policies that were approved while the timer could have locked them, and that it did not lock. */
  approvedInVain(ledger: readonly GivenApproval[], now: number): readonly string[];
  /** Names locks that came before their time, or after it. */
  untimely(): readonly string[];
}

/** So many runs of the timer under one approval are enough, in a storm too. */
const runsThatSuffice = 8;
const lockAfterHours = (bucket: string): number => (bucket.startsWith('strict-') ? 19 : 20);

interface PolicyCall {
  readonly bucket: string;
  readonly by: string;
  readonly operation: 'lock' | 'extend';
  readonly time: number;
}

/** @param takeCalls notes the calls up to now */
export function createPolicyWatch(
  url: string,
  policies: () => readonly PolicyBucket[],
  now: () => Date,
  takeCalls: () => void,
): PolicyWatch {
  const seen = new Map<string, SeenPolicy>();
  const past: SeenPolicy[] = [];
  const calls: PolicyCall[] = [];
  const timerRuns: number[] = [];
  const changes: (Happening & { readonly createdAt: number; readonly bucket: string; isLock: boolean })[] =
    [];

  const isOf = (operation: string, policy: SeenPolicy, days: number) => (act: ApprovedAct) =>
    act.act === operation &&
    act['bucket'] === policy.bucket &&
    act['wormId'] === policy.wormId &&
    act['days'] === days;
  const noteChange = (policy: SeenPolicy, operation: 'lock' | 'extend', days: number, since: number) => {
    const { bucket, createdAt } = policy;
    const latest = calls.filter(
      (each) => each.bucket === bucket && each.operation === operation && each.time >= since,
    );
    changes.push({
      what: `${operation} of ${bucket} (policy ${policy.wormId}, ${days} days)`,
      by: latest.at(-1)?.by ?? '',
      times: latest.map(({ time }) => time),
      covers: isOf(operation, policy, days),
      ...{ createdAt, bucket, isLock: operation === 'lock' },
    });
  };
  const readPolicy = async (bucket: string): Promise<SeenPolicy | undefined> => {
    const reply = await plainClient(url, bucket)
      .getBucketWorm(bucket)
      .catch((error: unknown) => {
        if (Object(error).code === 'NoSuchWORMConfiguration') return undefined;
        throw error;
      });
    if (reply === undefined) return undefined;
    const { wormId, state, days, creationDate } = reply;
    const createdAt = Date.parse(creationDate);
    const isLocked = state === 'Locked';
    return { bucket, wormId, days: Number(days), createdAt, isLocked, seenAt: now().getTime() };
  };

  const note = (bucket: string, found: SeenPolicy | undefined) => {
    const before = seen.get(bucket);
    const known = before?.wormId === found?.wormId ? before : undefined;
    if (before !== undefined && known === undefined) past.push(before);
    if (found === undefined) return void seen.delete(bucket);
    seen.set(bucket, found);
    if (!found.isLocked) return;
    const days = known?.days ?? found.days;
    if (!known?.isLocked) noteChange(found, 'lock', days, found.createdAt);
    if (found.days !== days) noteChange(found, 'extend', found.days, known?.seenAt ?? found.createdAt);
  };

  return {
    noteCall: (bucket, by, operation, time) => void calls.push({ bucket, by, operation, time }),
    noteTimerRun: (time) => void timerRuns.push(time),
    async look() {
      const read = await Promise.all(
        policies().map(async ({ bucket }) => [bucket, await readPolicy(bucket)] as const),
      );
      takeCalls();
      for (const [bucket, found] of read) note(bucket, found);
    },
    happenings: () => [
      ...changes,
      ...calls.map(({ bucket, by, operation, time }) => ({
        what: `a call to ${operation} ${bucket}`,
        by,
        times: [time],
        covers: (act: ApprovedAct) => act.act === operation && act['bucket'] === bucket,
      })),
    ],
    approvedInVain: (ledger, at) =>
      [...past, ...seen.values()].flatMap((policy) => {
        const { bucket, days, createdAt, isLocked, seenAt } = policy;
        const [kind = ''] = bucket.split('-');
        if (isLocked || !(kind === 'backup' || isAcceptable[kind]?.(days))) return [];
        const end = Math.min(createdAt + day, past.includes(policy) ? seenAt : at);
        const from = createdAt + lockAfterHours(bucket) * hour;
        const inVain = approvalsOf(ledger, { by: '', covers: isOf('lock', policy, days) }).filter(
          (given) =>
            timerRuns.filter(
              (time) => time >= Math.max(from, given.from) && time < Math.min(end, given.until),
            ).length >= runsThatSuffice,
        );
        return inVain.length === 0 ? [] : [`${bucket}: policy ${policy.wormId} was approved, and not locked`];
      }),
    untimely: () =>
      changes.flatMap(({ isLock, what, bucket, createdAt, times }) => {
        const from = createdAt + lockAfterHours(bucket) * hour;
        const isTimely = times.some((time) => time >= from && time < createdAt + day);
        return isLock && !isTimely ? [`${what} came at ${times.join(', ') || 'no call'}`] : [];
      }),
  };
}
