import * as z from 'zod';
import { carryOut, judge, type ObjectDeps, type ObjectOutcome } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { type ErrorCode, HoldfastError } from '../platform/errors.ts';
import { versionId } from '../storage/port.ts';
import { type Effort, each } from './each.ts';
import { type Entry, entry, entryOf, failedEntry } from './entry.ts';
import { observeKnown } from './observe.ts';
import type { KnownVersion, Shard } from './source.ts';

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
  items: z.array(z.union([z.object({ pending: observedVersion }), entry])),
});
export type OpenShard = z.infer<typeof openShard>;

/** As JSON keeps it. */
export function plainShard(shard: OpenShard): unknown {
  const items = shard.items.map((item) =>
    'pending' in item ? { pending: { ...item.pending, tags: [...item.pending.tags] } } : item,
  );
  return { ...shard, items };
}

export interface ShardDeps extends ObjectDeps, Effort {}

/** Errors that every other version of the bucket would meet too: the run ends instead of failing a million times. */
export const ending: ReadonlySet<ErrorCode> = new Set([
  'OBJECT_WORM_OFF',
  'VERSIONING_OFF',
  'NO_SUCH_BUCKET',
  'CREDENTIALS_INVALID',
  'CLOCK_SKEWED',
  'OUTAGE',
]);

/** Reads what has to be known of a shard's versions; writes nothing. */
export async function observeShard(deps: ShardDeps, shard: Shard): Promise<OpenShard> {
  const decidedAt = deps.clock.now();
  const one = async (known: KnownVersion): Promise<OpenShard['items'][number]> => {
    try {
      const observed = await observeKnown(deps, known);
      return 'pending' in observed ? observed : entryOf(observed.outcome);
    } catch (error) {
      if (!(error instanceof HoldfastError) || ending.has(error.code)) throw error;
      return failedEntry(known, error);
    }
  };
  const items = await each(deps, shard.versions, one);
  return { end: shard.end, rows: shard.rows ?? 0, decidedAt, items };
}

/**
 * Looks at a shard that may have been carried out in part, by a process that was killed: what stands as it was to be is
 * done, and is not written twice. GOVERNANCE is no protection, and is what somebody else has put there.
 */
export async function lookAgain(deps: ShardDeps, shard: OpenShard): Promise<OpenShard> {
  const items = await each(deps, shard.items, async (item) => {
    if (!('pending' in item)) return item;
    const outcome = judge(deps.rules, item.pending, shard.decidedAt);
    const { decision } = outcome;
    if (decision.action !== 'protect') return item;
    const head = await deps.storage.headObject(item.pending).catch(ignore);
    const stored = typeof head === 'object' ? head.retention : undefined;
    if (stored?.mode === 'GOVERNANCE') {
      return entryOf(judge(deps.rules, { ...item.pending, retention: stored }, shard.decidedAt));
    }
    return stored !== undefined && stored.until >= decision.until ? entryOf(outcome) : item;
  });
  return { ...shard, items };
}

/** Writing it will tell what is wrong. */
function ignore(error: unknown): undefined {
  if (!(error instanceof HoldfastError)) throw error;
}

/** Carries a shard out: one write for each version that needs it. */
export async function applyShard(deps: ShardDeps, { items, decidedAt }: OpenShard): Promise<Entry[]> {
  return await each(deps, items, async (item) => {
    if (!('pending' in item)) return item;
    const outcome = await carryOut(deps.storage, judge(deps.rules, item.pending, decidedAt));
    refuseEnding(outcome);
    return entryOf(outcome);
  });
}

function refuseEnding({ errors }: ObjectOutcome): void {
  const fatal = errors.find(({ code }) => ending.has(code));
  if (fatal !== undefined) throw fatal;
}
