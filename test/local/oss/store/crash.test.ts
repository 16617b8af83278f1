import { once } from 'node:events';
import { join } from 'node:path';
import OSS, { type OssClient } from 'ali-oss';
import { expect, test } from 'vitest';
import { startCli } from '../../../support/cli.ts';
import { filesIn, temporaryFolder } from '../../../support/store.ts';

declare module 'ali-oss' {
  interface OssClient {
    get(key: string): Promise<{ readonly content: Buffer }>;
    initMultipartUpload(key: string): Promise<{ readonly uploadId: string }>;
    uploadPart(
      key: string,
      uploadId: string,
      number: number,
      bytes: Buffer,
      start: number,
      end: number,
    ): Promise<{ readonly etag: string }>;
    completeMultipartUpload(
      key: string,
      uploadId: string,
      parts: readonly { readonly number: number; readonly etag: string }[],
    ): Promise<unknown>;
  }
}

const ROUNDS = 3;
const WRITERS = 6;
/** Acknowledged writes in a round before the kill. */
const WRITES = 60;
/** Some fit into the database, some are files. */
const sizes = [0, 10, 5_000, 100_000, 300_000];

/** What is known of a key: what was acknowledged last, and what was asked for since (no content: deleted). */
interface Known {
  acknowledged: string | undefined;
  asked: string | undefined;
}

async function startLocal(folder: string) {
  const child = startCli(['local', '--port', '0', '--quiet', '--data', folder], { cwd: folder });
  const [line] = await once(child.stdout, 'data');
  const endpoint = /listening on (\S+)/.exec(String(line))?.[1] ?? '';
  expect(endpoint, String(line)).not.toBe('');
  const keys = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
  const client = () => new OSS({ endpoint, bucket: 'records', ...keys, timeout: 20_000 });
  return { child, client };
}

/** Writes to keys of its own until the server is gone; calls back after each acknowledgement. */
async function write(client: OssClient, writer: number, known: Map<string, Known>, acknowledged: () => void) {
  for (let i = 0; ; i++) {
    const key = `${writer}/${i % 4}`;
    const state = known.get(key) ?? { acknowledged: undefined, asked: undefined };
    known.set(key, state);
    const size = sizes[(i + writer) % sizes.length] ?? 0;
    state.asked = i % 5 === 4 ? undefined : `${key} ${i} `.padEnd(size, String(i));
    try {
      if (state.asked === undefined) await client.delete(key);
      else await client.put(key, Buffer.from(state.asked));
    } catch {
      return;
    }
    state.acknowledged = state.asked;
    acknowledged();
  }
}

async function read(client: OssClient, key: string): Promise<string | undefined> {
  try {
    return String((await client.get(key)).content);
  } catch (error) {
    if ((error as { code?: string }).code === 'NoSuchKey') return undefined; // ali-oss names the code there
    throw error;
  }
}

test('after a kill in the middle of writes, what was acknowledged is there, and nothing is there by half', async () => {
  const folder = temporaryFolder();
  const known = new Map<string, Known>();
  const first = await startLocal(folder);
  await first.client().putBucket('records');
  first.child.kill('SIGKILL');
  for (let round = 0; round < ROUNDS; round++) {
    const { child, client } = await startLocal(folder);
    let left = WRITES + round * 7;
    const enough = () => {
      left -= 1;
      if (left === 0) child.kill('SIGKILL');
    };
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(client(), writer, known, enough));
    await Promise.all(writers);
    const again = await startLocal(folder);
    const bucket = again.client();
    for (const [key, state] of known) {
      const found = await read(bucket, key);
      const isKnown = found === state.acknowledged || found === state.asked;
      expect(isKnown, `${key} holds ${found?.slice(0, 20)}… of ${found?.length}`).toBe(true);
      state.acknowledged = found;
    }
    const large = [...known.values()].filter(({ acknowledged }) => (acknowledged?.length ?? 0) > 65_536);
    expect(filesIn(join(folder, 'bodies'))).toHaveLength(large.length);
    again.child.kill('SIGTERM');
    await once(again.child, 'close');
  }
});

test('parts of an upload that were acknowledged before a kill make the object afterwards', async () => {
  const folder = temporaryFolder();
  const before = await startLocal(folder);
  const bucket = before.client();
  await bucket.putBucket('records');
  const { uploadId } = await bucket.initMultipartUpload('big');
  const parts = [1, 2].map((number) => Buffer.alloc(200_000, number));
  const done = [];
  for (const [index, part] of parts.entries()) {
    const { etag } = await bucket.uploadPart('big', uploadId, index + 1, part, 0, part.length);
    done.push({ number: index + 1, etag });
  }
  before.child.kill('SIGKILL');
  await once(before.child, 'close');
  const after = (await startLocal(folder)).client();
  await after.completeMultipartUpload('big', uploadId, done);
  expect((await after.get('big')).content.equals(Buffer.concat(parts))).toBe(true);
});
