import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { recordKey } from '../../../shared/matters/name.ts';
import { type MattersSource, readMatters } from '../../../shared/matters/read.ts';
import { matterRecordText, parseMatterRecord } from '../../../shared/matters/record.ts';
import type { MatterRecord } from '../../../shared/matters/types.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';
import { author, minutes, validScope } from '../../support/matters.ts';

const folder = { bucket: 'evidence', prefix: 'audit/' };

/** A folder with these records, and the keys that are read. */
function world(records: readonly MatterRecord[]) {
  const texts = new Map(
    records.map((record) => {
      const text = matterRecordText(record);
      const sha256 = createHash('sha256').update(text).digest('hex');
      return [recordKey(folder, { id: record.id, kind: record.kind, sha256 }), text];
    }),
  );
  const read: string[] = [];
  let parsers = 0;
  const items = [...texts].map(
    ([key, text]): ListedVersion => ({
      ...{ bucket: folder.bucket, key, versionId: versionId('v'), isLatest: true, kind: 'version' },
      ...{ lastModified: minutes(0), etag: etag('AA'), size: text.length, type: 'Normal' },
    }),
  );
  const source: MattersSource = {
    folder,
    storage: {
      cloud: 'oss',
      listVersions: () => listing(() => Promise.resolve({ items, next: undefined })),
      readText({ key }) {
        read.push(key);
        return Promise.resolve({ text: texts.get(key) ?? '', etag: etag('AA') });
      },
    },
    load() {
      parsers += 1;
      return Promise.resolve(parseMatterRecord);
    },
  };
  return { source, read, parsers: () => parsers };
}

const pass = (kind: 'held' | 'lifted'): MatterRecord => ({
  ...{ kind, id: 'case', at: minutes(1), by: author, complete: true, counts: {} },
  follows: [`opened-${'0'.repeat(64)}.json`],
});

const opening: MatterRecord = {
  ...{ kind: 'opened', id: 'case', at: minutes(0), by: author, reason: 'a lawsuit' },
  scope: validScope({ match: ['oss://fin-*/**'] }),
};

test('whoever asks what is held reads no record of a pass, and loads no parser for one', async () => {
  const passes = world([pass('held'), pass('lifted')]);
  await readMatters({ ...passes.source, withoutPasses: true });
  expect([passes.read, passes.parsers()]).toEqual([[], 0]);

  const whole = world([opening, pass('held')]);
  const { all } = await readMatters({ ...whole.source, withoutPasses: true });
  expect(all).toMatchObject([{ id: 'case', passes: [] }]);
  expect(whole.read).toHaveLength(1);
  expect((await readMatters(whole.source)).all).toMatchObject([{ passes: [{ kind: 'held' }] }]);
});
