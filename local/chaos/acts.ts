import * as z from 'zod';
import { formatAddress } from '../../shared/platform/address.ts';
import { day, formatInstant } from '../../shared/platform/instant.ts';
import { heldRetention, type PlainClient } from '../plain-client.ts';
import { uploadVersion } from '../plain-uploads.ts';
import type { Draw } from './draw.ts';
import type { Happening } from './ledger.ts';
import { caps, evidenceBucket, folderOfMatters } from './rules-of-run.ts';
import type { ChaosStore } from './store.ts';
import { listVersions } from './versions.ts';

/** Something that the operator wants to do, and that somebody else has to approve before. */
export interface Act {
  readonly what: string;
  /** Words of the command that prints the plan, and of the one that does it. */
  readonly plan: readonly string[];
  readonly command: readonly string[];
  /** It can never be done: it is beyond a cap. */
  readonly isHopeless: boolean;
  /** Looks at what it has done by now. @param times when the operator has written since the last look */
  look(times: readonly number[]): Promise<Seen>;
}

/** The outcome of an act up to now: nothing of it may be undone, so each look has what those before it had. */
export interface Seen {
  readonly isDone: boolean;
  readonly happened: readonly Happening[];
}

/** Buckets that nothing else is uploaded to. */
export const byHandBucket = 'by-hand';
export const backlogBucket = 'backlog';

/** The tag by which a rule has the versions of the backlog. It is put on late, so that no event protects them. */
export const filedTag = { filed: 'yes' };

const yearsFromNow = { least: 9, most: 19, beyondCap: 25 };
const hopelessRate = 0.15;

/** Returns the retention of one version by hand, later than what needs no approval; now and then beyond the cap. */
export async function drawRetain(draw: Draw, store: ChaosStore, number: number, now: Date): Promise<Act> {
  const client = store.client(byHandBucket);
  const key = `records/${number}.pdf`;
  const versionId = await uploadVersion(client, { key, body: Buffer.from(key), tags: {} });
  const isHopeless = draw.chance(hopelessRate);
  const years = isHopeless ? yearsFromNow.beyondCap : draw.between(yearsFromNow.least, yearsFromNow.most);
  const until = new Date(Math.ceil(now.getTime() / 1000) * 1000 + years * 365 * day);
  const address = formatAddress(store.cloud, { bucket: byHandBucket, key });
  const words = ['retention', 'put', address, '--version-id', versionId, '--until', formatInstant(until)];
  return {
    what: `retention of ${address} until ${formatInstant(until)}`,
    plan: [...words, '--dry-run'],
    command: [...words, '--yes'],
    isHopeless,
    async look(times) {
      const held = await heldRetention(client, key, versionId);
      if (held === undefined) return { isDone: false, happened: [] };
      const happening: Happening = {
        what: `${address} is kept until ${formatInstant(held.until)}`,
        by: 'operator',
        times,
        covers: (act) =>
          act.act === 'retain' &&
          act['bucket'] === byHandBucket &&
          act['key'] === key &&
          act['versionId'] === versionId &&
          Date.parse(String(act['until'])) === held.until.getTime(),
      };
      return { isDone: true, happened: [happening] };
    },
  };
}

/** Returns a run over versions that no event protects; some are so few that nobody has to approve it. */
export async function drawProtect(draw: Draw, store: ChaosStore, number: number): Promise<Act> {
  const client = store.client(backlogBucket);
  const folder = `batch-${number}/`;
  const count = draw.between(caps.protectMoreThan - 1, 4 * caps.protectMoreThan);
  for (let index = 0; index < count; index += 1) {
    const key = `${folder}${index} +%41.pdf`;
    const versionId = await uploadVersion(client, { key, body: Buffer.from(key), tags: {} });
    await client.putObjectTagging(key, filedTag, { versionId });
  }
  const address = formatAddress(store.cloud, { bucket: backlogBucket, key: folder });
  const words = ['protect', address];
  return {
    what: `protect of ${address}`,
    plan: [...words, '--dry-run', '--restart', '--checkpoint', `${number}.plan-checkpoint.json`],
    command: [...words, '--yes', '--checkpoint', `${number}.checkpoint.json`],
    isHopeless: false,
    async look(times) {
      const left = await unprotected(client, folder);
      const needed = times.length > caps.protectMoreThan;
      const happening: Happening = {
        what: `${times.length} versions of ${address} were protected in one run`,
        by: 'operator',
        times: times.slice(0, 1),
        covers: (act) =>
          act.act === 'protect' && act['target'] === address && Number(act['versions']) >= times.length,
      };
      return { isDone: left === 0, happened: needed ? [happening] : [] };
    },
  };
}

async function unprotected(client: PlainClient, folder: string): Promise<number> {
  const held = await Promise.all(
    (await listVersions(client, folder)).map(({ name, versionId }) => heldRetention(client, name, versionId)),
  );
  return held.filter((each) => each === undefined).length;
}

/** The release of a matter, which ends with its record; its holds are off some time later. */
export interface ReleaseAct extends Act {
  isReleased(): boolean;
}

/** Returns the release of a matter. */
export function releaseOf(store: ChaosStore, id: string): ReleaseAct {
  const words = ['hold', 'release', id, '--reason', 'it is settled'];
  const client = store.client(evidenceBucket);
  let released: readonly number[] = [];
  const happening: Happening = {
    what: `matter ${id} was released`,
    by: 'operator',
    get times() {
      return released;
    },
    covers: (act) => act.act === 'release' && act['matter'] === id,
  };
  return {
    what: `release of matter ${id}`,
    plan: [...words, '--dry-run'],
    command: [...words, '--yes'],
    isHopeless: false,
    isReleased: () => released.length > 0,
    async look() {
      const records = await listVersions(client, `${folderOfMatters}${id}/`);
      const ofKind = (kind: string) => records.filter(({ name }) => name.includes(`/${kind}-`));
      const first = released.length === 0;
      released = ofKind('released').map(({ lastModified }) => Date.parse(lastModified));
      const passes = await Promise.all(ofKind('lifted').map((record) => readPass(client, record)));
      const isDone = passes.some(({ complete }) => complete);
      return { isDone, happened: first && released.length > 0 ? [happening] : [] };
    },
  };
}

const pass = z.object({ complete: z.boolean() });

async function readPass(
  client: PlainClient,
  { name, versionId }: { readonly name: string; readonly versionId: string },
) {
  const params = { method: 'GET', bucket: evidenceBucket, object: name, subres: { versionId }, headers: {} };
  return pass.parse(JSON.parse((await client.request(params)).data.toString()));
}
