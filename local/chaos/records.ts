import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { formatAddress } from '../../shared/platform/address.ts';
import { day, formatInstant, hour } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { heldRetention, type PlainClient, tryToDelete } from '../plain-client.ts';
import { type ReleaseAct, releaseOf } from './acts.ts';
import type { Approvals } from './approvals.ts';
import { wrongDates } from './case-dates.ts';
import type { Difference } from './compare.ts';
import type { Draw } from './draw.ts';
import { caseDays, caseEnd } from './expected.ts';
import type { ChaosOptions } from './options.ts';
import { passInSteps } from './passing.ts';
import type { Workshop } from './people.ts';
import { protectBucket, runHoldfast } from './repair.ts';
import { clientOf, noteDate, retag, type Sent } from './send.ts';
import type { ChaosStore } from './store.ts';
import type { Storm } from './storm.ts';
import { caseFolders, casesBucket } from './uploads.ts';
import type { Watch, Weather } from './watch.ts';

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
  readonly release: ReleaseAct;
  readonly id: string;
  readonly folder: string;
  readonly isOpen: boolean;
  /** Its release was begun, which somebody may have to approve. */
  isToRelease: boolean;
  /** True until its dates were checked once after its release: it may have given later ones meanwhile. */
  isFresh: boolean;
}

/** Repairs come before half of a generation is over. */
const mostBetweenRepairs = 38 * day;
/** Policies need an approval for each extension, of which some last 35 days. */
const mostBetweenApprovals = 16 * day;
const afterJumpSteps = 5;
const timerTriesMs = 3 * hour;
const readsAtOnce = 16;

/** Makes the records of a run that has cases or matters. */
export function createRecords(
  cloud: Cloud,
  store: ChaosStore,
  workshop: Workshop,
  draw: Draw,
  { matters: most, cloud: name }: Pick<ChaosOptions, 'matters' | 'cloud'>,
  watch: Watch,
  approvals: Approvals | undefined,
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
    const act = releaseOf(store, id);
    const matter: Matter = {
      ...{ id, folder: draw.pick(caseFolders), isToRelease: false, isFresh: true, release: act },
      get isOpen() {
        return approvals === undefined ? !this.isToRelease : !act.isReleased();
      },
    };
    matters.push(matter);
    await hold('open', matter.id, '--match', placeOf(matter));
  };
  const release = async (matter: Matter) => {
    matter.isToRelease = true;
    if (approvals === undefined) await hold('release', matter.id);
    else approvals.add(matter.release);
  };
  const comeAndGo = async (rate: number) => {
    if (matters.length < most && draw.chance(rate)) await open();
    const toRelease = opened().filter(({ isToRelease }) => !isToRelease);
    if (toRelease.length > 0 && draw.chance(rate / 2)) await release(draw.pick(toRelease));
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
  const step = async (storm: Storm, ms: number, closing: number, weather: Weather) => {
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
    await approvals?.round(weather);
    if (approvals !== undefined) await passInSteps(cloud, hour);
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
      const longest = approvals === undefined || byGenerations ? mostBetweenRepairs : mostBetweenApprovals;
      const steps = Math.ceil(ms / longest);
      for (let count = 0; count < steps; count += 1) await step(storm, ms / steps, 0.6 / steps, 'storm');
    },
    async end(storm) {
      watch.enter('the months after');
      for (let count = 0; count < afterJumpSteps; count += 1)
        await step(storm, mostBetweenRepairs, 0.2, 'calm');
      await step(storm, day, 1, 'calm');
      for (const matter of opened().filter(({ isToRelease }) => !isToRelease)) await release(matter);
      await approvals?.settle();
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
