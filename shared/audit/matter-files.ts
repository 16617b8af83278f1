import { mattersFolder, parseRecordName } from '../matters/name.ts';
import { hasCode } from '../platform/errors.ts';
import { readableText } from '../storage/readable-text.ts';
import type { AuditFinding } from './findings.ts';
import { type InspectDeps, inspect } from './inspect.ts';
import { entries } from './walk.ts';

/** One record of a matter as it lies in the evidence. */
export interface MatterFile {
  /** Below the folder of the evidence. */
  readonly path: string;
  /** The text that was written first; undefined for what is no record, and when only a delete marker is left. */
  readonly text: string | undefined;
  /** This is what is wrong with it. */
  readonly findings: readonly AuditFinding[];
}

/**
 * Finds the records of a matter, and compares each with the hash in its name.
 * @throws what listing and reading throw
 */
export async function* matterFiles(
  deps: InspectDeps & { readonly storage: Parameters<typeof entries>[0] },
  id: string,
): AsyncIterable<MatterFile> {
  const { storage, place, now } = deps;
  const folder = { bucket: place.bucket, prefix: `${place.prefix}${mattersFolder}${id}/` };
  for await (const entry of entries(storage, folder, undefined, now)) {
    const path = entry.key.slice(place.prefix.length);
    const { findings } = await inspect(deps, entry);
    const first = entry.versions.filter(({ kind }) => kind === 'version').at(-1);
    const isRecord = parseRecordName(path) !== undefined && first !== undefined;
    yield { path, text: isRecord ? await readableText(storage, first, { hasCode }) : undefined, findings };
  }
}
