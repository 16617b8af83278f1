import { hasCode } from '../platform/errors.ts';
import type { ObjectStore } from '../storage/port.ts';
import { holdQuestion } from './legal-hold.ts';

/**
 * Tells whether a bucket takes legal holds, by asking for that of its first version. One without any version, and one without ObjectWorm,
 * count as such: there is nothing that retention could keep.
 * @param whenDenied decides where the caller may not ask for the hold; unless given, the bucket counts as one that takes holds
 * @throws what reading throws, but for a question that the service refuses to answer; what `whenDenied` throws
 */
export async function takesHolds(
  storage: Pick<ObjectStore, 'holds' | 'listVersions' | 'getObjectWorm'>,
  bucket: string,
  whenDenied: (error: unknown) => boolean = () => true,
): Promise<boolean> {
  if (storage.holds === undefined) return false;
  const ask = holdQuestion(storage);
  for await (const version of storage.listVersions(bucket, '')) {
    if (version.kind !== 'version') continue;
    try {
      return (await ask(version)) !== 'unknown';
    } catch (error) {
      if (!hasCode(error, 'ACCESS_DENIED')) throw error;
      return whenDenied(error);
    }
  }
  return true;
}
