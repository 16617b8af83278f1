import { hasCode } from '../platform/errors.ts';
import type { ObjectStore } from './port.ts';

/**
 * Tells whether a bucket may have ObjectWorm, without which it takes neither retention nor legal holds. True where the caller may not
 * ask.
 * @throws what asking throws otherwise, such as WORM_NOT_OFFERED
 */
export async function mayLockObjects(
  { getObjectWorm }: Pick<ObjectStore, 'getObjectWorm'>,
  bucket: string,
): Promise<boolean> {
  try {
    return (await getObjectWorm(bucket)) !== undefined;
  } catch (error) {
    if (hasCode(error, 'ACCESS_DENIED')) return true;
    throw error;
  }
}
