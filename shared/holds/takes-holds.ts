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
