import pLimit from 'p-limit';
import * as z from 'zod';
import type { PlainClient } from '../plain-client.ts';
import type { ChaosStore } from './store.ts';
import { listVersions } from './versions.ts';

const bucket = 'chaos-letters';
const folder = 'letters/letters/';

const letter = z.object({ payload: z.string() });
const payload = z.object({
  events: z
    .array(
      z.object({
        oss: z.object({
          bucket: z.object({ name: z.string() }),
          object: z.object({ key: z.string(), eTag: z.string() }),
        }),
      }),
    )
    .default([]),
  Records: z
    .array(
      z.object({
        s3: z.object({
          bucket: z.object({ name: z.string() }),
          object: z.object({ key: z.string(), eTag: z.string() }),
        }),
      }),
    )
    .default([]),
});

/** Tells what a letter is about: an event names no version, but its content. */
export const subjectOf = (bucketName: string, key: string, etag: string): string =>
  JSON.stringify([bucketName, key, etag.replaceAll('"', '').toUpperCase()]);

/** Returns the uploads that dead letters name, by {@link subjectOf}; read with the plain client. */
export async function lettersOf(store: ChaosStore): Promise<{ count: number; subjects: Set<string> }> {
  const client = store.client(bucket);
  const kept = (await listVersions(client, folder)).map(({ name }) => name);
  const limit = pLimit(8);
  const subjects = await Promise.all(kept.map((name) => limit(() => read(client, name))));
  return { count: kept.length, subjects: new Set(subjects.flat()) };
}

/** The keys that an event may mean, whose key may have been encoded on the way. */
function readingsOf(key: string): string[] {
  const decode = (text: string) => {
    try {
      return [decodeURIComponent(text)];
    } catch {
      return [];
    }
  };
  return [key, ...decode(key), ...decode(key.replaceAll('+', ' '))];
}

async function read(client: PlainClient, object: string): Promise<string[]> {
  const params = { method: 'GET', bucket, object, subres: {}, headers: {} };
  const { status, data } = await client.request(params);
  if (status !== 200) throw new Error(`GET ${object} answered ${status}`);
  const text = letter.parse(JSON.parse(data.toString())).payload;
  const { events, Records } = payload.parse(JSON.parse(text));
  return [
    ...events.flatMap(
      ({
        oss: {
          bucket: { name },
          object,
        },
      }) => readingsOf(object.key).map((key) => subjectOf(name, key, object.eTag)),
    ),
    // Keys of OBS are encoded.
    ...Records.map(
      ({
        s3: {
          bucket: { name },
          object: { key, eTag },
        },
      }) => subjectOf(name, decodeURIComponent(key), eTag),
    ),
  ];
}
