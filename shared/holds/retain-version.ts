import { mattersAlone } from '../matters/hold-rules.ts';
import type { OpenScope } from '../matters/matching.ts';
import { carryOutDecision, judge } from '../objects/settle.ts';
import { HoldfastError, hasCode } from '../platform/errors.ts';
import { addDuration } from '../rules/duration.ts';
import { isOwnObject } from '../rules/own-object.ts';
import type { LegalHolds, Tags } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, HoldResult, VersionInPass } from './deps.ts';
import { tagsOf } from './line.ts';

/** A version that is to be kept, and the open scopes that have it. */
export interface VersionToKeep {
  readonly version: VersionInPass;
  /** Undefined when nobody has read them. */
  readonly tags: Tags | undefined;
  readonly open: readonly OpenScope[];
}

type KeptLine = Pick<HoldLine, 'result' | 'retainUntil' | 'isOverCap' | 'requestId' | 'error'>;

/**
 * Puts a legal hold on a version, or keeps it by a generation of retention where its bucket takes none.
 * @param held the result of a hold
 * @returns what was done; a failure of the retention is part of it
 * @throws what putting a hold throws, but for HOLD_NOT_OFFERED
 */
export async function holdOrRetain(
  deps: HoldPassDeps,
  holds: LegalHolds,
  asked: VersionToKeep,
  held: HoldResult,
): Promise<KeptLine> {
  try {
    const { requestId } = await holds.putHold(asked.version, 'ON');
    return { result: held, requestId };
  } catch (error) {
    if (!(error instanceof HoldfastError) || !hasCode(error, 'HOLD_NOT_OFFERED')) throw error;
    return await retain(deps, asked, held === 'kept' ? 'kept' : 'retained', error);
  }
}

/** Keeps a version by the generation that is due. @param refused why it takes no hold */
async function retain(
  deps: HoldPassDeps,
  { version, tags: known, open }: VersionToKeep,
  result: HoldResult,
  refused: HoldfastError,
): Promise<KeptLine> {
  const { bucket, key, versionId, lastModified, type, isLatest } = version;
  if (isOwnObject(deps.rules, version)) return { result: 'skipped' }; // matters keep none of these by retention
  const at = { bucket, key, versionId };
  const head = await deps.storage.headObject(at);
  const tags = known ?? (await tagsOf(deps.storage, version));
  if (typeof head === 'string' || tags === undefined) return { result: 'gone' };
  const rules = mattersAlone(deps.rules, open);
  const seen = { ...at, lastModified, type, tags, retention: head.retention, isLatest };
  const judged = judge(rules, seen, deps.clock.now());
  const { decision, errors, receipt } = await carryOutDecision(deps.storage, judged);
  const [error] = errors;
  if (error !== undefined)
    return hasCode(error, 'OBJECT_WORM_OFF')
      ? { result: 'not-offered', error: refused }
      : { result: 'failed', error };
  if (!('until' in decision)) return { result: 'gone' };
  const stored = 'previousUntil' in decision ? decision.previousUntil : undefined;
  const until = stored !== undefined && stored > decision.until ? stored : decision.until;
  const { maxRetention } = deps.rules.limits;
  return {
    result,
    retainUntil: until,
    ...(decision.until > addDuration(lastModified, maxRetention) && { isOverCap: true }),
    requestId: receipt?.requestId,
  };
}
