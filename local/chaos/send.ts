import { type PlainClient, retainedUntil, tryToDelete } from '../plain-client.ts';
import { copyVersion, uploadVersion } from '../plain-uploads.ts';
import type { Tags } from './expected.ts';
import type { Source, Upload } from './uploads.ts';

/** A version that was uploaded, and how far its date was seen to go back. */
export interface Sent extends Source {
  readonly upload: Upload;
  /** The tags it has had, the latest ones last. */
  readonly history: Tags[];
  /** The date when it was last looked at. */
  seen: Date | undefined;
  shortened: boolean;
}

/** One client a bucket. */
export type Clients = ReadonlyMap<string, PlainClient>;

export function clientOf(clients: Clients, bucket: string): PlainClient {
  const client = clients.get(bucket);
  if (client === undefined) throw new RangeError(`there is no client for ${bucket}`);
  return client;
}

/** Sends one burst, version after version. Versions that were deleted for good are left out. */
export async function sendAll(clients: Clients, burst: readonly Upload[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const upload of burst) {
    const client = clientOf(clients, upload.bucket);
    const version = newSent(upload, await send(client, upload));
    if (upload.retag !== undefined) await retag(clients, version, upload.retag);
    if (upload.deletion === 'marker') await client.delete(upload.key);
    const gone =
      upload.deletion === 'version' &&
      (await tryToDelete(client, upload.key, version.versionId)) === 'deleted';
    if (!gone) sent.push(version);
  }
  return sent;
}

const partSize = 100 * 1024; // the smallest that OSS takes

/** @returns the version id */
async function send(client: PlainClient, { key, tags, body, by }: Upload): Promise<string> {
  if (typeof by === 'object') {
    const { copyOf: source } = by;
    return await copyVersion(client, { key, source, ...(tags !== source.tags && { tags }) });
  }
  return by === 'put'
    ? await uploadVersion(client, { key, tags, body: Buffer.from(body) })
    : await uploadVersion(client, { key, tags, body: Buffer.from(body.padEnd(partSize + 1)), partSize });
}

function newSent(upload: Upload, versionId: string): Sent {
  const { bucket, key } = upload;
  const history = [upload.tags];
  return {
    bucket,
    key,
    versionId,
    upload,
    history,
    get tags() {
      return history.at(-1) ?? {};
    },
    seen: undefined,
    shortened: false,
  };
}

/** This is what ali-oss lets through in a second call; it wants at least one tag, too. */
const isPlain = /^[\w +\-=.:/]*$/;

/** Changes a version's tags: OSS sends no event for it. */
export async function retag(clients: Clients, version: Sent, tags: Tags): Promise<void> {
  const { bucket, key, versionId, history } = version;
  const plain = Object.entries(tags).filter((tag) => isPlain.test(tag.join('')));
  const changed = { ...Object.fromEntries(plain), checked: 'twice' };
  history.push(changed);
  await clientOf(clients, bucket).putObjectTagging(key, changed, { versionId });
}

/** Reads a version's date, and notes when it has gone back since the last time. */
export async function lookAgain(clients: Clients, version: Sent): Promise<void> {
  const { bucket, key, versionId } = version;
  noteDate(version, await retainedUntil(clientOf(clients, bucket), key, versionId));
}

/** Notes when a version's date is earlier than it was. */
export function noteDate(version: Sent, until: Date | undefined): void {
  if (version.seen !== undefined && (until === undefined || until < version.seen)) version.shortened = true;
  version.seen = until;
}
