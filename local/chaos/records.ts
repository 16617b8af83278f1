import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { formatAddress } from '../../shared/platform/address.ts';
import { day, formatInstant, hour } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { heldRetention, type PlainClient, tryToDelete } from '../plain-client.ts';
import { wrongDates } from './case-dates.ts';
import type { Difference } from './compare.ts';
import type { Draw } from './draw.ts';
import { caseDays, caseEnd } from './expected.ts';
import type { ChaosOptions } from './options.ts';
import { passInSteps } from './passing.ts';
import { protectBucket, runHoldfast, type Workshop } from './repair.ts';
import { clientOf, noteDate, retag, type Sent } from './send.ts';
import type { Storm } from './storm.ts';
import { caseFolders, casesBucket } from './uploads.ts';
import type { Watch } from './watch.ts';

/** Cases and matters of a run, from the storm to the day when all may go. */
export interface Records {
  /** Opens or releases a matter now and then, while events are on their way. */
  stormRound(): Promise<void>;
  /** Tells whether a version may have a generation of a matter for its date, which some service keeps it by. */
  mayHaveGeneration(sent: Sent): boolean;
  /** Lets months pass, with a repair every few weeks; cases are closed, matters come and go, and somebody tries to delete. */
  pass(storm: Storm, ms: number): Promise<void>;
  /** Lets the time of all cases pass, and tries to delete them. @returns all that was wrong */
  end(storm: Storm): Promise<readonly Difference[]>;
}

interface Matter {
  readonly id: string;
  readonly folder: string;
  isOpen: boolean;
  /** True until its dates were checked once after its release: it may have given later ones meanwhile. */
  isFresh: boolean;
}

/** Repairs come before half of a generation is over. */
const mostBetweenRepairs = 38 * day;
const afterJumpSteps = 5;
const timerTriesMs = 3 * hour;
const readsAtOnce = 16;

/** Makes the records of a run that has cases or matters. */
export function createRecords(
  cloud: Cloud,
  workshop: Workshop,
  draw: Draw,
  { matters: most, cloud: name }: Pick<ChaosOptions, 'matters' | 'cloud'>,
  watch: Watch,
): Records {
  const addressOf = (key: string): string => formatAddress(name, { bucket: casesBucket, key });
  const matters: Matter[] = [];
  const found: Difference[] = [];
  /** Cases that were open until the last step: the timer may have renewed them in it before they were closed. */
  const justClosed = new Set<Sent>();
  const opened = () => matters.filter(({ isOpen }) => isOpen);
  const placeOf = ({ folder }: Pick<Matter, 'folder'>) => addressOf(`${folder}/**`);
  const isOver = (folder: string, { key }: Pick<Sent, 'key'>) => key.startsWith(`${folder}/`);
  /** OBS has no legal hold: there a matter keeps its versions by generations of retention. */
  const byGenerations = name === 'obs';
  const hold = (...args: string[]) =>
    runHoldfast(workshop, 'hold', ...args, '--cloud', name, '--reason', 'a lawsuit', '--yes');

  const open = async () => {
    const id = `case-${matters.length + 1}`;
    const matter = { id, folder: draw.pick(caseFolders), isOpen: true, isFresh: true };
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
    const isHeld = opened().some(({ folder }) => isOver(folder, sent));
    return closedOn === undefined || now < caseEnd(closedOn) || isHeld;
  };
  const checkCase = async (client: PlainClient, sent: Sent, now: Date) => {
    const { key, versionId, seen } = sent;
    const held = await heldRetention(client, key, versionId).catch(() => 'gone' as const);
    if (held === 'gone') return wrong('deleted by us', sent, 'it is not there');
    noteDate(sent, held?.until);
    if (sent.shortened) wrong('shortened', sent, 'its date has gone back');
    const mayBeRenewed = matters.some(({ isFresh, folder }) => isFresh && isOver(folder, sent));
    const renewed = byGenerations && (mayBeRenewed || justClosed.has(sent));
    for (const difference of wrongDates(sent, held, { seen, renewed }, now)) wrong(...difference);
    if (!hasToStay(sent, now)) return;
    const said = await tryToDelete(client, key, versionId);
    if (said === 'deleted') wrong('released early', sent, `it could be deleted at ${formatInstant(now)}`);
  };
  const check = async (storm: Storm) => {
    const now = cloud.time.now();
    const client = clientOf(storm.clients, casesBucket);
    await pLimit(readsAtOnce).map(casesOf(storm), (sent) => checkCase(client, sent, now));
    for (const matter of matters) matter.isFresh = matter.isOpen;
  };
  const wrong = (kind: Difference['kind'], { key, versionId }: Sent, why: string) => {
    found.push({ kind, what: `${addressOf(key)} ${versionId}: ${why}` });
  };

  const protectCases = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-chaos-'));
    await protectBucket(workshop, casesBucket, folder).finally(() => rm(folder, { recursive: true }));
  };
  /** The timer repairs each bucket once a day; a few hours more let it try again what the storm has broken. */
  const repairByTimer = async () => {
    await cloud.time.leap(day);
    await passInSteps(cloud, timerTriesMs);
  };
  const step = async (storm: Storm, ms: number, closing: number) => {
    await cloud.time.leap(ms);
    const today = cloud.time.now().getTime();
    justClosed.clear();
    for (const sent of casesOf(storm)) {
      if (sent.tags['closed-on'] !== undefined || !draw.chance(closing)) continue;
      const closedOn = new Date(today - draw.between(0, 60) * day).toISOString().slice(0, 10);
      await retag(storm.clients, sent, { 'closed-on': closedOn });
      justClosed.add(sent);
    }
    await comeAndGo(0.4);
    await (byGenerations ? repairByTimer() : protectCases());
    await check(storm);
    watch.progress(() => `${formatInstant(cloud.time.now())}, ${opened().length} matters open`);
  };

  return {
    stormRound: () => comeAndGo(0.4),
    mayHaveGeneration: (sent) =>
      byGenerations && sent.bucket === casesBucket && matters.some(({ folder }) => isOver(folder, sent)),
    async pass(storm, ms) {
      // A version whose event was lost is held by going over all once more; on OBS the timer has kept it.
      for (const matter of byGenerations ? [] : opened())
        await hold('open', matter.id, '--match', placeOf(matter), '--again');
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

const casesOf = ({ sent }: Storm): readonly Sent[] => sent.filter(({ bucket }) => bucket === casesBucket);
