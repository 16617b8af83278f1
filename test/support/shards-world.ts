import { type Progress, progressFormat } from '../../shared/backfill/checkpoint.ts';
import type { ReportLine } from '../../shared/backfill/entry.ts';
import { type PassOptions, protectSource } from '../../shared/backfill/run.ts';
import type { Source } from '../../shared/backfill/source.ts';
import { etag, type Retention, type Storage, versionId } from '../../shared/storage/port.ts';
import { manualClock } from './manual-clock.ts';
import { reportInto } from './report-in-memory.ts';
import { validRules } from './rules-file.ts';

export const shardRules = validRules(`version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: records }, retain: 1y }]
`);
const lastModified = new Date('2026-11-20T10:00:00Z');
const versionOf = (key: string) => ({
  ...{ bucket: 'records', key, versionId: versionId('v'), lastModified, type: 'Normal' as const },
  ...{ isLatest: true, tagCount: 0 },
});

/** Returns a source of shards of objects with some keys. */
export const sourceOf = (shards: readonly (readonly string[])[]): Source => ({
  async *shards(from) {
    for (const [index, keys] of shards.entries()) {
      if (index < Number(from ?? 0)) continue;
      const versions = keys.map(versionOf);
      yield await Promise.resolve({ versions, rows: keys.length, end: String(index + 1), done: undefined });
    }
  },
});

/** Returns shards of a size, with keys like `3/17`. */
export const shardsOf = (count: number, size: number): string[][] =>
  Array.from({ length: count }, (_, shard) => Array.from({ length: size }, (_, at) => `${shard + 1}/${at}`));

/** This is what a run meets; a call that is not told is answered at once. */
interface Service {
  readonly head?: (key: string) => Promise<void>;
  readonly put?: (key: string) => Promise<void>;
  /** Keys that are protected before the run. */
  readonly stored?: readonly string[];
}

const answered = () => Promise.resolve();

/** Makes a run over shards, and tells what it has reported and kept. */
export function passOver(shards: string[][], service: Service, changes: Partial<PassOptions['deps']> = {}) {
  const { head = answered, put = answered } = service;
  const lines: ReportLine[] = [];
  const kept: Progress[] = [];
  const until = new Date('2027-11-20T10:00:00Z');
  const stored = new Map<string, Retention>(
    service.stored?.map((key) => [key, { mode: 'COMPLIANCE', until }]),
  );
  const storage: Pick<Storage, 'cloud' | 'headObject' | 'putRetention' | 'getRetention'> = {
    cloud: 'oss',
    async headObject({ key }) {
      await head(key);
      const one = { etag: etag('AA'), lastModified, size: 1, type: 'Normal', tagCount: 0 };
      return { ...one, versionId: versionId('v'), retention: stored.get(key) };
    },
    async putRetention({ key }, retention) {
      await put(key);
      stored.set(key, retention);
      return { sent: true, requestId: 'R' };
    },
    getRetention: ({ key }) => Promise.resolve(stored.get(key)),
  };
  const run = (options: Partial<PassOptions> = {}) =>
    protectSource({
      deps: {
        storage: storage as Storage, // only these calls are made
        rules: shardRules,
        clock: manualClock('2026-11-22T10:00:00Z'),
        concurrency: 20,
        signal: new AbortController().signal,
        ...changes,
      },
      source: sourceOf(shards),
      checkpoint: {
        load: () => Promise.resolve(kept.at(-1)),
        save(progress) {
          kept.push(progressFormat.parse(JSON.parse(progressFormat.text(progress))));
          return Promise.resolve();
        },
      },
      run: {},
      openReport: reportInto(lines),
      requests: () => 0,
      onResume: () => undefined,
      onProgress: () => undefined,
      ...options,
    });
  return { run, lines, kept, storage };
}

/** Lets everything go on that waits for nothing but promises. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
