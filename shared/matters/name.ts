import type { ObjectPrefix } from '../rules/types.ts';
import type { MatterRecordKind } from './types.ts';

/*
 * Where the records of matters are, below the folder of the evidence:
 *
 *   matters/case-2026-17/opened-SHA256.json
 *   matters/case-2026-17/held-SHA256.json
 *   matters/case-2026-17/released-SHA256.json
 *   matters/case-2026-17/lifted-SHA256.json
 *
 * A name has the hash of its content. So no record can take the place of another, and a record names those that it
 * follows by what is in them.
 */

/** The part of the folder of evidence where matters are. */
export const mattersFolder = 'matters/';

/** Returns the folder of the matters. @param evidence the rules' `audit` */
export const mattersIn = ({ bucket, prefix }: ObjectPrefix): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}${mattersFolder}`,
});

/** The name of one record. */
export interface MatterRecordName {
  readonly id: string;
  readonly kind: MatterRecordKind;
  /** It is the hash of the content, in hex. */
  readonly sha256: string;
}

const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Tells whether a text can name a matter. */
export const isMatterId = (text: string): boolean => idForm.test(text);

/** The words for {@link isMatterId}. */
export const matterIdForm =
  'up to 64 letters, digits, ".", "_" and "-", of which the first is a letter or a digit';

/** Returns the name of a record inside of its matter, such as `opened-SHA256.json`. */
export const recordFile = ({ kind, sha256 }: Pick<MatterRecordName, 'kind' | 'sha256'>): string =>
  `${kind}-${sha256}.json`;

/** Returns the key of a record. @param folder of the evidence */
export const recordKey = ({ prefix }: ObjectPrefix, name: MatterRecordName): string =>
  `${prefix}${mattersFolder}${name.id}/${recordFile(name)}`;

const form = /^matters\/([^/]+)\/([a-z]+)-([0-9a-f]{64})\.json$/;

/** Tells what a key without the folder of the evidence names; undefined for anything that is no record of a matter. */
export function parseRecordName(text: string): MatterRecordName | undefined {
  const [, id = '', kind = '', sha256 = ''] = form.exec(text) ?? [];
  return isMatterId(id) && isKind(kind) ? { id, kind, sha256 } : undefined;
}

const isKind = (text: string): text is MatterRecordKind =>
  text === 'opened' || text === 'held' || text === 'released' || text === 'lifted';
