import type { OssClient } from 'ali-oss';
import * as z from 'zod';
import { formatAddress } from '../../shared/platform/address.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { plainClient } from '../plain-client.ts';
import type { Admin } from './admin.ts';
import { lettersBucket } from './buckets.ts';
import { type Check, failures, heading, say } from './report.ts';
import { uploadsOf } from './uploads.ts';

const folder = 'dead-letters/letters/';

const letter = z.object({
  payload: z.string(),
  attempts: z.number(),
  error: z.object({ code: z.string(), message: z.string() }),
});

/** Makes the bucket of the dead letters, which a deployment needs before it (docs/setup.md). */
export async function prepareLetters(url: string): Promise<void> {
  await plainClient(url, lettersBucket).putBucket(lettersBucket);
}

/** Reads the dead letters back: each object that could not be protected has one, and nothing else has. */
export async function showLetters(url: string, admin: Admin): Promise<Check[]> {
  const uploads = uploadsOf((await admin.now()).getUTCFullYear());
  const keys = uploads.flatMap(({ key, expect }) => (expect.kind === 'reported' ? [key] : []));
  heading(
    '3. What failed to the end is kept',
    'Function Compute repeats a failed event and then gives it up. The function dead-letter keeps it as an object, so that it can be replayed once somebody has corrected what was wrong: holdfast redrive.',
  );
  const client = plainClient(url, lettersBucket);
  const { objects = [] } = await client.getBucketVersions({});
  const names = objects.map(({ name }) => name).filter((name) => name.startsWith(folder));
  const letters = await Promise.all(names.map((name) => read(client, name)));
  say(
    `${formatAddress('oss', { bucket: lettersBucket, key: folder })} holds ${quantity(letters.length, 'dead letter')}:`,
  );
  failures(
    letters.map(({ attempts, error }, index) => ({
      key: (names[index] ?? '').slice(folder.length),
      code: error.code,
      message: `given up after ${quantity(attempts, 'attempt')}. ${error.message}`,
    })),
  );
  say('');
  return [
    { what: `there are ${keys.length} dead letters`, ok: letters.length === keys.length },
    ...keys.map((key) => ({
      what: `${key} has a dead letter with its event`,
      ok: letters.some(({ payload }) => payload.includes(JSON.stringify(key))),
    })),
  ];
}

async function read(client: OssClient, object: string) {
  const params = { method: 'GET', bucket: lettersBucket, object, subres: {}, headers: {} };
  const { status, data } = await client.request(params);
  if (status !== 200) throw new Error(`GET ${object} answered ${status}`);
  return letter.parse(JSON.parse(data.toString()));
}
