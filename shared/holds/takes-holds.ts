import { unretainable } from '../objects/unretainable.ts';
import type { ObjectStore } from '../storage/port.ts';
import { holdQuestion } from './legal-hold.ts';

/**
 * Tells whether a bucket takes legal holds, by asking for that of its first version that can be under retention. One without any, and
 * one without ObjectWorm, count as such: there is nothing that retention could keep.
 * @throws what reading throws; ACCESS_DENIED where the caller may not ask for a hold
 */
export async function takesHolds(
  storage: Pick<ObjectStore, 'holds' | 'listVersions' | 'getObjectWorm'>,
  bucket: string,
): Promise<boolean> {
  if (storage.holds === undefined) return false;
  const ask = holdQuestion(storage);
  for await (const version of storage.listVersions(bucket, '')) {
    if (version.kind !== 'version' || unretainable(version.type) !== undefined) continue;
    const state = await ask(version);
    if (state !== 'gone') return state !== 'unknown';
  }
  return true;
}

/** Makes the question {@link takesHolds} that is asked once for a bucket; one that failed is asked again. */
export function createTakesHolds(
  storage: Parameters<typeof takesHolds>[0],
): (bucket: string) => Promise<boolean> {
  const asked = new Map<string, Promise<boolean>>();
  return (bucket) => {
    const answer = asked.get(bucket) ?? takesHolds(storage, bucket);
    asked.set(bucket, answer);
    answer.catch(() => asked.delete(bucket));
    return answer;
  };
}
