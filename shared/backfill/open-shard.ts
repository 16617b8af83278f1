import * as z from 'zod';
import type { ObjectOutcome } from '../objects/outcome.ts';
import type { ObservedVersion } from '../objects/types.ts';
import type { Rules } from '../rules/types.ts';
import { versionId } from '../storage/port.ts';
import { entry } from './entry.ts';

/** A version that is to be protected, as it was seen: what a decision was made from makes it again. */
const observedVersion = z
  .object({
    bucket: z.string(),
    key: z.string(),
    versionId: z.string().transform(versionId),
    lastModified: z.coerce.date(),
    type: z.string(),
    tags: z.array(z.tuple([z.string(), z.string()])).transform((tags) => new Map(tags)),
    retention: z.object({ mode: z.enum(['COMPLIANCE', 'GOVERNANCE']), until: z.coerce.date() }).optional(),
    legalHold: z.literal(true).optional(),
    isLatest: z.boolean().optional(),
  })
  .transform((read): ObservedVersion => ({ ...read, retention: read.retention }));

/**
 * A shard that was observed and is to be carried out. It is kept before its first write, so that after a kill the same
 * writes are repeated, which is harmless, and every one is reported.
 */
export const openShard = z.object({
  end: z.string(),
  /** Rows of an inventory that were read for it. */
  rows: z.int().nonnegative().default(0),
  decidedAt: z.coerce.date(),
  items: z.array(
    z.union([
      z.object({
        pending: observedVersion,
        /** This is where it was seen, when nobody has looked at it; absent after a look. */
        unseen: z.enum(['list', 'inventory']).optional(),
      }),
      entry,
    ]),
  ),
});
export type OpenShard = z.infer<typeof openShard> & {
  /** Each item's decision, made when it was observed: the same would be decided again, which takes longer. No file keeps it. */
  readonly judged?: readonly (ObjectOutcome | undefined)[] | undefined;
  /** The rules by which it was observed, which carry it out. No file keeps them either. */
  readonly rules?: Rules | undefined;
  /** The shards that it joins, whose items it has. No file keeps them. */
  readonly parts?: readonly OpenShard[] | undefined;
};

/** Writes every field by its name, and copies none by spreading: there is one for each version of a run. */
function plainItem(item: OpenShard['items'][number]): unknown {
  if (!('pending' in item)) return item;
  const { bucket, key, versionId, lastModified, type, tags, retention, legalHold, isLatest } = item.pending;
  const plainTags = tags.size === 0 ? [] : [...tags];
  return {
    pending: { bucket, key, versionId, lastModified, type, tags: plainTags, retention, isLatest, legalHold },
    unseen: item.unseen,
  };
}

/** The items of shards that were written as JSON already. A shard is kept three times: with the one before it, alone or with the one after it. */
const texts = new WeakMap<OpenShard['items'], string>();

/** Returns the shard as JSON text. Its items never change, so each becomes text once. */
export function shardText(shard: OpenShard): string {
  const parts = (shard.parts ?? [shard]).map(({ items }) => itemsText(items));
  const { end, rows, decidedAt } = shard;
  const head = JSON.stringify({ end, rows, decidedAt });
  return `${head.slice(0, -1)},"items":[${parts.filter((text) => text !== '').join(',')}]}`;
}

function itemsText(items: OpenShard['items']): string {
  const text = texts.get(items) ?? items.map((item) => JSON.stringify(plainItem(item))).join(',');
  texts.set(items, text);
  return text;
}
