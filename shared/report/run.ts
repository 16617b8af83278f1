import * as z from 'zod';
import { openAppendFile } from '../backfill/append-file.ts';
import { type Effort, forEachAtOnce } from '../backfill/each.ts';
import type { KnownVersion, Shard, Source } from '../backfill/source.ts';
import type { StateFile } from '../backfill/state-file.ts';
import type { ObjectDeps } from '../objects/settle.ts';
import { type CloudName, formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { type ErrorCode, hasCode } from '../platform/errors.ts';
import { second } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import { expectKnown } from './expect.ts';
import { observePosture } from './observe.ts';
import { standingByPolicy } from './policy.ts';
import type { PostureTarget } from './targets.ts';
import { addVersions, noTotals, totals } from './totals.ts';
import type { FoundVersion, Judgement } from './types.ts';
import { asUnreadableBucket, unreadableBucket } from './unreadable-bucket.ts';

/** This is how far a report has come: everything that is needed to go on after it was killed at any moment. */
const state = z.object({
  version: z.literal(1),
  run: z.record(z.string(), z.string()),
  /** The instant that the report is about: when it was begun. */
  at: z.coerce.date(),
  /** Targets that are done with, and where the next shard of the one under way begins. */
  done: z.array(z.string()),
  position: z.string().optional(),
  totals,
  /** Targets that could not be read to their end. */
  troubles: z.array(unreadableBucket),
  /** Bytes of the file of versions that are certain. */
  versions: z.int().nonnegative(),
  requests: z.int().nonnegative(),
});
export type PostureState = z.infer<typeof state>;

export const postureFormat = {
  parse: (json: unknown) => state.parse(json),
};

export interface PostureRun {
  readonly deps: ObjectDeps & Effort;
  /** Tells whether the bucket is in one of several regions, of which nothing could be read: then its errors are its own. */
  readonly failsAlone?: ((bucket: string) => boolean) | undefined;
  readonly targets: readonly PostureTarget[];
  /** False: only what the rules say of a listing; no version is asked about. */
  readonly read: boolean;
  source(target: PostureTarget): Promise<Source>;
  readonly checkpoint: StateFile<PostureState>;
  /** Takes a JSON line for each version. */
  readonly versionsFile: string;
  /** This is what the run is begun with; a checkpoint of anything else is refused. */
  readonly run: PostureState['run'];
  /** Requests sent since the process began. */
  requests(): number;
  onResume(state: PostureState): void;
  onProgress(state: PostureState, done: number | undefined): void;
}

/** Errors that are one bucket's own: the others are reported all the same. */
const bucketsOwn: readonly ErrorCode[] = [
  'ACCESS_DENIED',
  'NO_SUCH_BUCKET',
  'REQUEST_REFUSED',
  'UNEXPECTED_REPLY',
];

/**
 * Looks at all versions of the targets, shard by shard, each with a checkpoint. Writes nothing to the service, and
 * holds one shard at a time. The checkpoint and the file of versions stay; whoever has dealt with them removes them.
 * @throws CHECKPOINT_…, REPORT_UNWRITABLE, what a source throws that is not its bucket's own, and the signal's reason
 */
export async function readPosture(options: PostureRun): Promise<PostureState> {
  const { checkpoint, deps, targets } = options;
  const kept = await checkpoint.load(options.run);
  if (kept !== undefined) options.onResume(kept);
  const start = kept ?? begin(options.run, wholeSecond(deps.clock));
  let state = start;
  const keep = async (changes: Partial<PostureState>) => {
    state = { ...state, ...changes, requests: start.requests + options.requests() };
    await checkpoint.save(state);
  };
  const file = await openAppendFile(options.versionsFile, start.versions);
  try {
    for (const target of targets.filter((each) => !start.done.includes(urlOf(deps.storage.cloud, each)))) {
      try {
        for await (const shard of (await options.source(target)).shards(state.position)) {
          deps.signal.throwIfAborted();
          // The clock follows the service only from its first reply on.
          if (state.done.length === 0 && state.position === undefined)
            state = { ...state, at: wholeSecond(deps.clock) };
          const found = await look(options, target, shard, state.at);
          const versions = await file.append(found.map(lineOf).join(''));
          await keep({ totals: addVersions(state.totals, found, state.at), versions, position: shard.end });
          options.onProgress(state, shard.done);
        }
      } catch (error) {
        if (!isBucketsOwn(options, target.bucket, error)) throw error;
        await keep({ troubles: [...state.troubles, asUnreadableBucket(target.bucket, error)] });
      }
      await keep({ done: [...state.done, urlOf(deps.storage.cloud, target)], position: undefined });
    }
    return state;
  } finally {
    await file.close();
  }
}

/** Tells whether an error is one bucket's own, so that the others are looked at all the same. Pure. */
export const isBucketsOwn = (
  { failsAlone }: Pick<PostureRun, 'failsAlone'>,
  bucket: string,
  error: unknown,
): boolean => hasCode(error, ...bucketsOwn) || failsAlone?.(bucket) === true;

/** Dates of retention have no milliseconds, so those of the report mean nothing. */
const wholeSecond = (clock: Clock): Date => new Date(Math.floor(clock.now().getTime() / second) * second);

/** Returns the address of a folder. */
export const urlOf = (cloud: CloudName, { bucket, prefix }: ObjectPrefix): string =>
  formatAddress(cloud, { bucket, key: prefix });

const begin = (run: PostureState['run'], at: Date): PostureState => ({
  version: 1,
  run,
  at,
  done: [],
  totals: noTotals,
  troubles: [],
  versions: 0,
  requests: 0,
});

/** The totals keep the remedy of each reason; a line for each version need not repeat it. */
const lineOf = ({ remedy: _, ...version }: FoundVersion): string => `${JSON.stringify(version)}\n`;

/** The versions of a shard as they stand; those that are gone by now are left out. */
async function look(
  { deps, read }: PostureRun,
  { policy }: PostureTarget,
  { versions }: Shard,
  at: Date,
): Promise<FoundVersion[]> {
  const fixed = { ...deps, clock: { ...deps.clock, now: () => at } };
  const judge = async (known: KnownVersion): Promise<Judgement | undefined> => {
    if (policy !== undefined) return standingByPolicy(policy, known, at);
    return read ? await observePosture(fixed, known) : expectKnown(deps.rules, known, at);
  };
  const judged = await forEachAtOnce(deps, versions, async (known) => [known, await judge(known)] as const);
  return judged.flatMap(([{ bucket, key, versionId, size, lastModified, type }, judgement]) =>
    judgement === undefined
      ? []
      : [{ bucket, key, versionId, size: type === 'delete-marker' ? 0 : size, lastModified, ...judgement }],
  );
}
