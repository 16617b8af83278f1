import { settleMissing } from '../backfill/missing.ts';
import type { KnownVersion, Source } from '../backfill/source.ts';
import { scopeCovers } from '../matters/matching.ts';
import { placesHave } from '../matters/places.ts';
import { versionId as toVersionId } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, MatterScopes, VersionInPass, WorkedVersion } from './deps.ts';
import type { WorkOnVersion } from './hold-version.ts';
import { lineOf, type StartedLine, settled } from './line.ts';

/** An inventory from which a pass takes the versions of one bucket. */
export interface InventoryInPass {
  readonly bucket: string;
  readonly source: Source;
  readonly matter: string;
  readonly scopes: MatterScopes;
}

type Reads = Pick<HoldPassDeps['storage'], 'cloud' | 'listVersions' | 'headObject'>;

/**
 * Makes the work on a row of an inventory. HEAD is asked for what the row does not say, and where it may say something else than the
 * bucket: its key can be read in two ways, or the version is the one called null, which another upload replaces.
 * @param work is done with the version that the row names
 * @returns undefined for a row that is not in the scopes; a version that is not there, and has left no trace, is VERSION_NOT_FOUND
 */
export const workOnRow =
  ({ storage }: { readonly storage: Reads }, { matter, scopes }: InventoryInPass, work: WorkOnVersion) =>
  async (row: KnownVersion): Promise<WorkedVersion | undefined> => {
    if (!rowMayMatch(row, scopes)) return undefined;
    let version = asItStands(row);
    const started = lineOf(version, 'hold', [matter]);
    const line = await settled(started, async () => {
      const found = isSure(row) ? version : await lookAtRow(storage, row);
      if (found === 'delete-marker') return undefined;
      if (found === 'absent') return await settleGone(started);
      version = found;
      const done = await work(found);
      return done?.result === 'gone' ? await settleGone(done) : done;
    });
    return line && { version, line };

    async function settleGone(gone: StartedLine): Promise<HoldLine> {
      const { key } = await settleMissing(storage, row);
      return { ...gone, key, result: 'gone' };
    }
  };

/** Tells whether a version of this row may be in the scopes, by what the row says for certain; tags are left out. */
export const rowMayMatch = (row: KnownVersion, scopes: MatterScopes): boolean =>
  [row.key, ...(row.otherKey === undefined ? [] : [row.otherKey])].some((key) =>
    scopes.some((scope) =>
      row.lastModified === undefined || isReplaceable(row)
        ? placesHave(scope.places, { bucket: row.bucket, key })
        : scopeCovers(scope, { bucket: row.bucket, key, lastModified: row.lastModified }),
    ),
  );

const nullVersion = toVersionId('null');

/** Tells whether another upload may have the id of the row since. */
const isReplaceable = ({ versionId = nullVersion }: KnownVersion): boolean => versionId === nullVersion;

const isSure = (row: KnownVersion): boolean =>
  row.lastModified !== undefined &&
  row.type !== undefined &&
  row.otherKey === undefined &&
  !isReplaceable(row);

function asItStands(row: KnownVersion): VersionInPass {
  const { bucket, key, versionId = nullVersion, lastModified = new Date(0), isLatest = false } = row;
  const type = row.type === undefined || row.type === 'delete-marker' ? 'Normal' : row.type;
  return { bucket, key, versionId, lastModified, type, isLatest };
}

/** Asks HEAD, by the first reading of the key that is there. */
async function lookAtRow(
  storage: Pick<Reads, 'headObject'>,
  row: KnownVersion,
): Promise<VersionInPass | 'absent' | 'delete-marker'> {
  const assumed = asItStands(row);
  const { bucket, versionId } = assumed;
  for (const key of row.otherKey === undefined ? [row.key] : [row.key, row.otherKey]) {
    const head = await storage.headObject({ bucket, key, versionId });
    if (head === 'delete-marker') return head;
    if (head !== 'absent') return { ...assumed, key, lastModified: head.lastModified, type: head.type };
  }
  return 'absent';
}
