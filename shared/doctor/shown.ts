import { hasCode } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import type { ListedVersion, StorageReads } from '../storage/port.ts';
import { type Check, findingsForEach, linesOf } from './finding.ts';
import { nameOfBucket, objectBuckets } from './matched-buckets.ts';

/** Versions that are looked at in each bucket, the first of its list. */
const mostLookedAt = 20;

const tags = linesOf('tags');

/** Tags are offered in the region of every bucket whose rules read them; where they are not, no such rule can be followed. */
export const tagsCheck: Check = {
  name: 'tags',
  async run(world) {
    const rules = await world.rules.need();
    const buckets = (await objectBuckets(world)).filter(({ objectRules }) => objectRules.some(readsTags));
    return await findingsForEach(tags, buckets, nameOfBucket, async ({ name }) => {
      const [version] = await firstVersions(world.storage, name);
      if (version === undefined) {
        return tags.unchecked(
          name,
          'are read by rules, and no object is there to try',
          'upload an object first',
        );
      }
      try {
        await world.storage.getTags(version);
        return tags.ok(name, 'are offered here');
      } catch (error) {
        if (!hasCode(error, 'TAGS_NOT_OFFERED')) throw error;
        return {
          ...tags.failure(name, 'are not offered in this region, and rules read them', mendTags(rules)),
          code: error.code,
        };
      }
    });
  },
};

const readsTags = ({ match, retain }: Rules['objects'][number]): boolean =>
  match.tags.size > 0 || retain.kind !== 'for';

const mendTags = ({ objects }: Rules): string =>
  `write rules without tags (now: ${objects.filter(readsTags).map(nameOfBucket).join(', ')}), or use another region`;

const retention = linesOf('retention');

/**
 * A service that leaves the retention out for who may not read it cannot be told from one that has none: only a version whose
 * retention is shown proves the permission.
 */
export const retentionShownCheck: Check = {
  name: 'retention',
  async run(world) {
    return await findingsForEach(retention, await objectBuckets(world), nameOfBucket, async ({ name }) => {
      for (const version of await firstVersions(world.storage, name)) {
        const head = await world.storage.headObject(version);
        if (typeof head === 'object' && head.retention !== undefined) {
          return retention.ok(name, 'is shown, so it may be read');
        }
      }
      return retention.unchecked(
        name,
        `none is shown of the first ${mostLookedAt} versions: there is none, or it may not be read`,
        'protect an object, and look again; it takes the permission to read retention',
      );
    });
  },
};

async function firstVersions(storage: StorageReads, bucket: string): Promise<readonly ListedVersion[]> {
  const { items } = await storage.listVersions(bucket, '').first();
  return items.filter(({ kind }) => kind === 'version').slice(0, mostLookedAt);
}
