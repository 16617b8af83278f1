import { versionId } from '../storage/port.ts';
import { type SincePlan, type Touch, touchedSince, touchedWords } from './certify.ts';
import { type DispositionDeps, type DispositionLook, lookForDisposition } from './look.ts';
import type { DisposableVersion } from './plan.ts';

/** One line of the certificate's list. */
export interface CertifiedVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly state: 'gone' | 'there';
  /** It says what has touched the version since it was planned; absent when nothing has. */
  readonly touched?: readonly string[] | undefined;
}

/**
 * Looks whether a version of a plan is gone, and what has touched it since. It asks for the version by its id: neither a delete marker
 * over it nor another object under its key is taken for it. Changes nothing.
 * @throws what the service refuses
 */
export async function certifyVersion(
  deps: DispositionDeps,
  since: SincePlan,
  version: DisposableVersion,
): Promise<CertifiedVersion> {
  const { bucket, key } = version;
  const at = { bucket, key, versionId: versionId(version.versionId) };
  const line = (state: CertifiedVersion['state'], touches: readonly Touch[]): CertifiedVersion => ({
    ...at,
    state,
    ...(touches.length > 0 && { touched: touchedWords(touches) }),
  });
  const head = await deps.storage.headObject(at);
  if (head === 'absent') return line('gone', touchedSince(since, version));
  const listed = { ...at, lastModified: version.lastModified, type: 'Normal' };
  const look = await lookForDisposition(deps, listed, since.now, head);
  const isGone = !look.verdict.disposable && look.verdict.because === 'gone'; // it went after HEAD
  return isGone
    ? line('gone', touchedSince(since, version))
    : line('there', touchedThere(since, version, look));
}

/** Returns what has touched a version that is there: by its tags as they are, and by those of the plan where they were others. */
function touchedThere(
  since: SincePlan,
  version: DisposableVersion,
  { verdict, tags: found }: DispositionLook,
): readonly Touch[] {
  const asItIs = { ...version, ...(found && { tags: Object.fromEntries(found) }) };
  const touches = [
    ...touchedSince(since, asItIs),
    ...(version.tags === undefined ? [] : touchedSince(since, version)),
  ];
  // An open matter is among them: it was open at some time since.
  if (verdict.disposable || verdict.because === 'matter') return touches;
  const { because } = verdict;
  const isNamed = touches.some((touch) => touch.kind === 'kept' && touch.because === because);
  return isNamed ? touches : [...touches, { kind: 'kept', because }];
}
