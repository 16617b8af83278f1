import type { ObjectPrefix, Rules } from '../rules/types.ts';
import { type KnownRecords, type LoadMatterParser, type MattersSource, readMatters } from './read.ts';
import { parseMatterRecord } from './record.ts';
import type { Matters } from './state.ts';

/** Returns the code that reads a record, which a command has loaded already. */
export const loadedParser: LoadMatterParser = () => Promise.resolve(parseMatterRecord);

interface HowToRead {
  /** Records that were read before. */
  readonly known?: KnownRecords | undefined;
  readonly withoutPasses?: true | undefined;
}

/**
 * Reads all matters of a folder of evidence.
 * @throws what {@link readMatters} throws
 */
export function readMattersIn(
  folder: ObjectPrefix,
  storage: MattersSource['storage'],
  how: HowToRead = {},
): Promise<Matters> {
  return readMatters({ ...how, storage, folder, load: loadedParser });
}

/**
 * Reads all matters of the rules.
 * @returns undefined where the rules have no folder for them
 * @throws what {@link readMatters} throws
 */
export async function mattersOfRules(
  storage: MattersSource['storage'],
  { audit: folder }: Pick<Rules, 'audit'>,
): Promise<Matters | undefined> {
  return folder && (await readMattersIn(folder, storage));
}
