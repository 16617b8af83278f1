import { HoldfastError, hasCode } from '../platform/errors.ts';
import type { StorageReads, Tags } from '../storage/port.ts';
import type { HoldLine, VersionInPass } from './deps.ts';

/** The line of a version before it was worked on. */
export type StartedLine = Omit<HoldLine, 'result'>;

/** Begins the line of a version. */
export const lineOf = (
  { bucket, key, versionId }: VersionInPass,
  action: HoldLine['action'],
  matters: readonly string[],
): StartedLine => ({ bucket, key, versionId, action, matters });

/** Tells whether a version may have had a hold before this line, and has none now. */
export const isTakenOff = ({ result }: HoldLine): boolean => result === 'lifted' || result === 'off-written';

/** Works on one version. A failure of it is its line, and stops no other. */
export async function settled(
  line: StartedLine,
  work: () => Promise<HoldLine | undefined>,
): Promise<HoldLine | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return hasCode(error, 'NO_SUCH_OBJECT')
      ? { ...line, result: 'gone' }
      : { ...line, result: 'failed', error };
  }
}

/** Stands for the tags where no scope reads them. */
export const tagsUnread: Tags = new Map();

/** Reads the tags of a version; undefined when it was deleted for good. */
export async function tagsOf(
  storage: Pick<StorageReads, 'getTags'>,
  { bucket, key, versionId }: VersionInPass,
): Promise<Tags | undefined> {
  return (await storage.getTags({ bucket, key, versionId }))?.tags;
}
