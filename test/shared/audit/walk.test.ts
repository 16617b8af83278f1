import { describe, expect, test } from 'vitest';
import type { EvidenceEntry } from '../../../shared/audit/inspect.ts';
import { inOrder } from '../../../shared/audit/walk.ts';
import { etag, versionId } from '../../../shared/storage/port.ts';

const lastModified = new Date('2026-11-30T10:00:00Z');

async function* evidence(sizes: readonly number[]): AsyncIterable<EvidenceEntry> {
  for (const [index, size] of sizes.entries()) {
    const at = { bucket: 'records', key: `${index}`, versionId: versionId('v') };
    const version = {
      ...at,
      kind: 'version',
      isLatest: true,
      lastModified,
      etag: etag('AA'),
      size,
      type: 'Normal',
    } as const;
    yield await Promise.resolve({ key: at.key, versions: [version] });
  }
}

/** Goes over evidence of some sizes. @returns what was handed on, and the most files and bytes that were held at once */
async function walk(sizes: readonly number[]) {
  const held = { files: 0, bytes: 0 };
  const most = { files: 0, bytes: 0 };
  const handedOn: string[] = [];
  const bytesOf = (key: string) => sizes[Number(key)] ?? 0;
  const results = inOrder(evidence(sizes), async ({ key }) => {
    held.files += 1;
    held.bytes += bytesOf(key);
    most.files = Math.max(most.files, held.files);
    most.bytes = Math.max(most.bytes, held.bytes);
    // What comes later is read sooner.
    for (let turn = Number(key); turn < sizes.length; turn += 1) await Promise.resolve();
    return key;
  });
  for await (const key of results) {
    handedOn.push(key);
    await new Promise((resolve) => setImmediate(resolve));
    held.files -= 1;
    held.bytes -= bytesOf(key);
  }
  return { handedOn, most };
}

describe('evidence is read ahead', () => {
  test.each([
    {
      what: 'small files, as many as are held',
      sizes: Array(200).fill(1000),
      most: { files: 64, bytes: 64_000 },
    },
    {
      what: 'large files, few at a time',
      sizes: Array(50).fill(700_000),
      most: { files: 4, bytes: 2_800_000 },
    },
    {
      what: 'files that are too large to hold two',
      sizes: [9e6, 9e6, 1, 9e6],
      most: { files: 1, bytes: 9e6 },
    },
  ])('$what, and handed on in order', async ({ sizes, most }) => {
    const walked = await walk(sizes);
    expect(walked.handedOn).toEqual(sizes.map((_, index) => `${index}`));
    expect(walked.most).toEqual(most);
  });

  test('and what one of them throws comes in its turn', async () => {
    const results = inOrder(evidence([1, 1, 1]), ({ key }) =>
      key === '1' ? Promise.reject(new Error('unreadable')) : Promise.resolve(key),
    );
    const handedOn: string[] = [];
    const all = async () => {
      for await (const key of results) handedOn.push(key);
    };
    await expect(all()).rejects.toThrow('unreadable');
    expect(handedOn).toEqual(['0']);
  });
});
