import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type VersionPosture, versionPosture } from './types.ts';

/** Returns the versions of a file that `readPosture` has written, one JSON line each. */
export async function* readVersions(file: string): AsyncIterable<VersionPosture> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    yield versionPosture.parse(JSON.parse(line));
  }
}
