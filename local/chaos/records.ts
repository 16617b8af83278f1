import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { formatAddress } from '../../shared/platform/address.ts';
import { day, formatInstant } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { type HeldRetention, heldRetention, type PlainClient, tryToDelete } from '../plain-client.ts';
import type { Difference } from './compare.ts';
import type { Draw } from './draw.ts';
import { caseDays, caseEnd } from './expected.ts';
import type { ChaosOptions } from './options.ts';
import { protectBucket, runHoldfast, type Workshop } from './repair.ts';
import { clientOf, noteDate, retag, type Sent } from './send.ts';
import type { Storm } from './storm.ts';
import { caseFolders, casesBucket } from './uploads.ts';
import type { Watch } from './watch.ts';

/** Cases and matters of a run, from the storm to the day when all may go. */
export interface Records {
  /** Opens or releases a matter now and then, while events are on their way. */
  stormRound(): Promise<void>;
  /** Lets months pass, with a repair every few weeks; cases are closed, matters come and go, and somebody tries to delete. */
  pass(storm: Storm, ms: number): Promise<void>;
  /** Lets the time of all cases pass, and tries to delete them. @returns all that was wrong */
  end(storm: Storm): Promise<readonly Difference[]>;
}

interface Matter {
  readonly id: string;
  readonly folder: string;
  isOpen: boolean;
}

/** Repairs come before half of a generation is over. */
const mostBetweenRepairs = 38 * day;
const afterJumpSteps = 5;
const readsAtOnce = 16;

/** Makes the records of a run that has cases or matters. */
export function createRecords(
  cloud: Cloud,
  workshop: Workshop,
  draw: Draw,
  { matters: most }: Pick<ChaosOptions, 'matters'>,
  watch: Watch,
): Records {
  const matters: Matter[] = [];
  const found: Difference[] = [];
  const opened = () => matters.filter(({ isOpen }) => isOpen);
  const placeOf = ({ folder }: Pick<Matter, 'folder'>) => addressOf(`${folder}/**`);
  const hold = (...args: string[]) =>
    runHoldfast(workshop, 'hold', ...args, '--reason', 'a lawsuit', '--yes');

  const open = async () => {
    const matter = { id: `case-${matters.length + 1}`, folder: draw.pick(caseFolders), isOpen: true };
    matters.push(matter);
    await hold('open', matter.id, '--match', placeOf(matter));
  };
  const release = async (matter: Matter) => {
    matter.isOpen = false;
    await hold('release', matter.id);
  };
  const comeAndGo = async (rate: number) => {
    if (matters.length < most && draw.chance(rate)) await open();
    const [first] = opened();
    if (first !== undefined && draw.chance(rate / 2)) await release(draw.pick(opened()));
  };

  /** A matter has a version from its first complete pass on, which is before each check. */
  const hasToStay = (sent: Sent, now: Date): boolean => {
    const closedOn = sent.tags['closed-on'];
    const isHeld = opened().some(({ folder }) => sent.key.startsWith(`${folder}/`));
    return closedOn === undefined || now < caseEnd(closedOn) || isHeld;
  };
  const checkCase = async (client: PlainClient, sent: Sent, now: Date) => {
    const { key, versionId, seen } = sent;
    const held = await heldRetention(client, key, versionId).catch(() => 'gone' as const);
    if (held === 'gone') return wrong('deleted by us', sent, 'it is not there');
    noteDate(sent, held?.until);
    if (sent.shortened) wrong('shortened', sent, 'its date has gone back');
    for (const difference of wrongDates(sent, held, seen, now)) wrong(...difference);
    if (!hasToStay(sent, now)) return;
    const said = await tryToDelete(client, key, versionId);
    if (said === 'deleted') wrong('released early', sent, `it could be deleted at ${formatInstant(now)}`);
  };
  const check = async (storm: Storm) => {
    const now = cloud.time.now();
    const client = clientOf(storm.clients, casesBucket);
    await pLimit(readsAtOnce).map(casesOf(storm), (sent) => checkCase(client, sent, now));
  };
  const wrong = (kind: Difference['kind'], { key, versionId }: Sent, why: string) => {
    found.push({ kind, what: `${addressOf(key)} ${versionId}: ${why}` });
  };

  const step = async (storm: Storm, ms: number, closing: number) => {
    await cloud.time.leap(ms);
    const today = cloud.time.now().getTime();
    for (const sent of casesOf(storm)) {
      if (sent.tags['closed-on'] !== undefined || !draw.chance(closing)) continue;
      const closedOn = new Date(today - draw.between(0, 60) * day).toISOString().slice(0, 10);
      await retag(storm.clients, sent, { 'closed-on': closedOn });
    }
    await comeAndGo(0.4);
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-chaos-'));
    await protectBucket(workshop, casesBucket, folder).finally(() => rm(folder, { recursive: true }));
    await check(storm);
    watch.progress(() => `${formatInstant(cloud.time.now())}, ${opened().length} matters open`);
  };

  return {
    stormRound: () => comeAndGo(0.4),
    async pass(storm, ms) {
      // A version whose event was lost is held by going over all once more.
      for (const matter of opened()) await hold('open', matter.id, '--match', placeOf(matter), '--again');
      const steps = Math.ceil(ms / mostBetweenRepairs);
      for (let count = 0; count < steps; count += 1) await step(storm, ms / steps, 0.15);
    },
    async end(storm) {
      watch.enter('the months after');
      for (let count = 0; count < afterJumpSteps; count += 1) await step(storm, mostBetweenRepairs, 0.2);
      await step(storm, day, 1);
      for (const matter of opened()) await release(matter);
      await cloud.time.leap((caseDays.period + 2) * day);
      const client = clientOf(storm.clients, casesBucket);
      for (const sent of casesOf(storm)) {
        const said = await tryToDelete(client, sent.key, sent.versionId);
        if (said !== 'deleted')
          wrong('held too long', sent, `all is over, and it cannot be deleted: ${said}`);
      }
      return found;
    },
  };
}

const addressOf = (key: string): string => formatAddress('oss', { bucket: casesBucket, key });

const casesOf = ({ sent }: Storm): readonly Sent[] => sent.filter(({ bucket }) => bucket === casesBucket);

/** A case that is open has one or two generations ahead; one that is closed is kept to the end of its period, and no longer than it was. */
function wrongDates(
  sent: Sent,
  held: HeldRetention | undefined,
  before: Date | undefined,
  now: Date,
): (readonly [Difference['kind'], Sent, string])[] {
  const closedOn = sent.tags['closed-on'];
  const is =
    held === undefined ? 'it is under no retention' : `it is kept until ${formatInstant(held.until)}`;
  const until = held?.until.getTime() ?? 0;
  if (closedOn === undefined) {
    const most = now.getTime() + 2 * caseDays.generation * day;
    if (until <= now.getTime()) return [['released early', sent, `it is open, and ${is}`]];
    return until > most ? [['held too long', sent, `it is open, and ${is}`]] : [];
  }
  const end = caseEnd(closedOn);
  if (now < end && until < end.getTime())
    return [['released early', sent, `it was closed on ${closedOn}, and ${is}`]];
  const most = Math.max(end.getTime(), before?.getTime() ?? 0);
  return until > most ? [['held too long', sent, `it was closed on ${closedOn}, and ${is}`]] : [];
}
