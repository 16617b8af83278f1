import type { MatterScopes } from '../../shared/holds/deps.ts';
import { rowMayMatch } from '../../shared/holds/inventory-row.ts';
import { findHoldTargets } from '../../shared/holds/targets.ts';
import { scopeCovers, scopeReadsTags } from '../../shared/matters/matching.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { plural } from '../../shared/report/words.ts';
import { confirmUndoable, here } from '../terminal/confirm.ts';
import { progressLine } from '../terminal/progress.ts';
import type { HoldInventory } from './inventory.ts';
import type { HoldPassOptions } from './options.ts';
import type { HoldWorld } from './world.ts';

/**
 * Counts the versions that a matter has by its inventory and by listing, and lets a person type the word. Tags are not read for it, so a matter
 * with tags is counted as its most.
 * @throws NOT_CONFIRMED for another word, and at once where nobody can be asked
 */
export async function confirmHolds(
  word: 'hold' | 'release',
  what: string,
  world: HoldWorld,
  { yes, dryRun }: HoldPassOptions,
  scopes: MatterScopes,
  inventory?: HoldInventory,
): Promise<void> {
  if (yes === true || dryRun === true) return;
  if (here.input.isTTY !== true) return await confirmUndoable(word, `${what} versions`);
  const { storage, region } = world;
  const line = progressLine(systemClock);
  const { buckets } = await findHoldTargets(storage, scopes, { matter: '', region });
  let versions = 0;
  let looked = 0;
  for (const { bucket, prefix } of buckets) {
    for await (const isInScopes of bucket === inventory?.bucket
      ? inRows(inventory)
      : inList(bucket, prefix)) {
      looked += 1;
      if (isInScopes) versions += 1;
      line.show({ versions: looked, words: 'counting what it has', done: undefined });
    }
  }
  line.end();
  const most = scopes.some(scopeReadsTags) ? 'at most ' : '';
  await confirmUndoable(
    word,
    `${what} ${most}${plural(versions, 'version')} in ${plural(buckets.length, 'bucket')}`,
  );

  async function* inList(bucket: string, prefix: string): AsyncIterable<boolean> {
    for await (const version of storage.listVersions(bucket, prefix)) {
      if (version.kind === 'version') yield scopes.some((scope) => scopeCovers(scope, version));
    }
  }

  async function* inRows({ source }: HoldInventory): AsyncIterable<boolean> {
    for await (const { versions: rows } of source.shards()) {
      for (const row of rows) if (row.type !== 'delete-marker') yield rowMayMatch(row, scopes);
    }
  }
}
