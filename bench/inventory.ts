import { createHash } from 'node:crypto';
import { inventorySource } from '../shared/backfill/inventory/source.ts';
import { decideUnseen } from '../shared/backfill/unseen.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { keepNewSpaceSmall } from '../shared/platform/memory.ts';
import { rulesFrom } from '../shared/rules/read.ts';
import type { StorageReads } from '../shared/storage/port.ts';

const rules = rulesFrom(
  'version: 1\nlimits: { maxRetention: 100y }\nobjects: [{ name: all, match: { bucket: bench, key: "ledger/**" }, retain: 90y }]',
  'rules.yaml',
);

const row = (number: number) =>
  `bench,"ledger%2F2026%2F${number}.parquet","CAEQARiBgID${number}","true","false","2048","2026-11-20T07-06-00Z","Normal"\n`;

/** Rows as they come from OSS, made as they are read, so that no memory is theirs. */
function* chunksOf(rows: number): Iterable<Uint8Array> {
  const inChunk = 500;
  for (let from = 0; from < rows; from += inChunk) {
    let text = '';
    for (let number = from; number < Math.min(rows, from + inChunk); number += 1) text += row(number);
    yield Buffer.from(text);
  }
}

function manifestOf(rows: number): string {
  const md5 = createHash('md5');
  let size = 0;
  for (const chunk of chunksOf(rows)) {
    md5.update(chunk);
    size += chunk.length;
  }
  return JSON.stringify({
    creationTimestamp: '1795168800',
    fileFormat: 'CSV',
    fileSchema: 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ObjectType',
    files: [{ key: 'rows.csv', size, MD5checksum: md5.digest('hex') }],
    sourceBucket: 'bench',
  });
}

async function* asStream(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

keepNewSpaceSmall();

/** A run over as many rows as the argument says, in a process of its own: its memory is all that counts. */
const rows = Number(process.argv[2]);
const manifest = Buffer.from(manifestOf(rows));
const reads: Pick<StorageReads, 'cloud' | 'readObject'> = {
  cloud: 'oss',
  readObject: ({ key }) => Promise.resolve(asStream(key === 'manifest.json' ? [manifest] : chunksOf(rows))),
};
const options = { url: 'oss://lists/manifest.json', bucket: 'bench', prefix: '', keysEncoded: true };
let peak = 0;
let decided = 0;
const start = performance.now();
for await (const { versions } of (await inventorySource(reads, options)).shards()) {
  for (const known of versions) if (decideUnseen(rules, known, systemClock.now())) decided += 1;
  peak = Math.max(peak, process.memoryUsage.rss());
}
if (decided !== rows) throw new Error(`${decided} of ${rows} rows were decided`);
console.log(JSON.stringify({ peak, perSecond: rows / ((performance.now() - start) / 1000) }));
