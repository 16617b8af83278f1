import { describe, expect, test } from 'vitest';
import { type Approach, writeFirst } from '../../../shared/backfill/approach.ts';
import { type Progress, progressFormat } from '../../../shared/backfill/checkpoint.ts';
import type { ReportLine } from '../../../shared/backfill/entry.ts';
import { type PassOptions, protectSource } from '../../../shared/backfill/run.ts';
import type { ShardDeps } from '../../../shared/backfill/shard.ts';
import type { Shard } from '../../../shared/backfill/source.ts';
import type { RulesNow } from '../../../shared/matters/rules-of-run.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { etag, type Retention, type Storage, versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

// A pass over a source: killed at any moment it goes on where it was, and nothing is written or reported twice.

const start = '2026-11-22T10:00:00Z';
const uploaded = new Date('2026-11-20T10:00:00Z');
const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects: [{ name: plain, match: { bucket: records, key: "plain/**" }, retain: 1y }]
`);
const shardsOfThree = [
  ['plain/a', 'plain/b', 'other/c'],
  ['other/d', 'other/e', 'other/f'],
  ['plain/g', 'plain/h', 'plain/i'],
];

class Killed extends Error {}

interface WorldOptions {
  readonly shards?: readonly (readonly string[])[];
  readonly approach?: Approach;
}

/** What outlives a process: the bucket, the checkpoint and the report. */
function world({ shards = shardsOfThree, approach }: WorldOptions = {}) {
  const stored = new Map<string, Retention>();
  const writes: string[] = [];
  const heads: string[] = [];
  const begins: (string | undefined)[] = [];
  let kept: string | undefined;
  let lines: ReportLine[] = [];
  let closed = 0;
  let returned = 0;
  let steps = 0;
  let killAt = Number.POSITIVE_INFINITY;
  let fails: (call: string, key: string) => Error | undefined = () => undefined;

  /** One call that a kill may come before or after. */
  const step = <Result>(effect: () => Result): Promise<Result> =>
    Promise.resolve().then(() => {
      steps += 1;
      if (steps === killAt) throw new Killed();
      const result = effect();
      steps += 1;
      if (steps === killAt) throw new Killed();
      return result;
    });
  const refuse = (call: string, key: string) => {
    const error = fails(call, key);
    if (error !== undefined) throw error;
  };
  const storage: Pick<Storage, 'cloud' | 'headObject' | 'putRetention' | 'getRetention'> = {
    cloud: 'oss',
    headObject: ({ key }) =>
      step(() => {
        refuse('head', key);
        heads.push(key);
        const one = { etag: etag('AA'), lastModified: uploaded, size: 1, type: 'Normal', tagCount: 0 };
        return { ...one, versionId: versionId('v'), retention: stored.get(key) };
      }),
    putRetention: ({ key }, retention) =>
      step(() => {
        refuse('put', key);
        writes.push(key);
        stored.set(key, retention);
        return { sent: true, requestId: 'R' };
      }),
    getRetention: ({ key }) => Promise.resolve(stored.get(key)),
  };
  const all = shards.map(
    (keys, index): Shard => ({
      versions: keys.map((key) => ({
        ...{ bucket: 'records', key, versionId: versionId('v'), lastModified: uploaded, type: 'Normal' },
        ...{ isLatest: true, tagCount: 0 },
      })),
      rows: keys.length,
      end: String(index + 1),
      done: (index + 1) / shards.length,
    }),
  );
  const told = { resumed: [] as Progress[], progress: [] as (number | undefined)[], begun: [] as Progress[] };

  const deps: PassOptions['deps'] = {
    storage: storage as Storage, // only these calls are made
    rules,
    clock: manualClock(start),
    concurrency: 2,
    signal: new AbortController().signal,
    approach,
  };
  const run = ({
    rulesNow,
    ...options
  }: Partial<PassOptions> & Pick<ShardDeps, 'rulesNow'> = {}): Promise<Progress> =>
    protectSource({
      deps: { ...deps, rulesNow },
      source: {
        async *shards(from) {
          begins.push(from);
          try {
            yield* all.slice(Number(from ?? 0));
          } finally {
            returned += 1;
          }
        },
      },
      checkpoint: {
        load: () => step(() => (kept === undefined ? undefined : progressFormat.parse(JSON.parse(kept)))),
        save: (progress) =>
          step(() => {
            kept = progressFormat.text(progress);
          }),
      },
      run: { target: 'oss://records' },
      openReport: (size) =>
        step(() => {
          lines = lines.slice(0, size.lines); // what is not certain is cut off
          return {
            append: (added) =>
              step(() => {
                lines.push(...added);
                return { lines: lines.length, table: 0 };
              }),
            close() {
              closed += 1;
              return Promise.resolve();
            },
          };
        }),
      requests: () => heads.length + writes.length,
      onBegin: (progress) => {
        told.begun.push(progress);
        return Promise.resolve();
      },
      onResume: (progress) => void told.resumed.push(progress),
      onProgress: (_, done) => void told.progress.push(done),
      ...options,
    });

  return {
    run,
    deps,
    told,
    writes,
    heads,
    begins,
    lines: () => lines,
    kept: () => (kept === undefined ? undefined : progressFormat.parse(JSON.parse(kept))),
    closed: () => closed,
    returned: () => returned,
    steps: () => steps,
    /** Kills the next process after so many steps. */
    kill(after: number) {
      killAt = steps + after;
    },
    failing(how: typeof fails) {
      fails = how;
    },
  };
}

const told = ({ key, result, retainUntil }: ReportLine) => `${key} ${result} ${retainUntil}`;

describe.each([
  ['that looks first', () => ({})],
  ['that writes first', () => ({ approach: writeFirst(1) })],
] as const)('a run %s', (_, options) => {
  test('protects what the rules say, and tells of each shard', async () => {
    const { run, lines, writes, told: say, begins, closed, kept } = world(options());
    const { tally, rows, position } = await run();

    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b', 'plain/g', 'plain/h', 'plain/i']);
    expect(lines().map(told)).toEqual(writes.map((key) => `${key} protected 2027-11-20T10:00:00Z`));
    expect(tally).toMatchObject({ versions: 9, changed: 5, failed: 0 });
    expect({ rows, position }).toEqual({ rows: 9, position: '3' });
    expect(say).toMatchObject({ resumed: [], begun: [{ rows: 0 }], progress: [1 / 3, 2 / 3, 1] });
    expect(begins).toEqual([undefined]);
    expect(closed()).toBe(1);
    expect(kept()).toMatchObject({ position: '3', rows: 9, tally: { changed: 5 } });
    expect(kept()?.shard).toBeUndefined();
  });

  test('killed at any step and started again, ends as one that nobody stopped', async () => {
    const undisturbed = world(options());
    const whole = await undisturbed.run();

    for (let after = 1; after <= undisturbed.steps(); after += 1) {
      const { run, kill, lines, writes, told: say, kept } = world(options());
      kill(after);
      await expect(run(), `killed at step ${after}`).rejects.toThrow(Killed);
      const left = kept();
      kill(Number.POSITIVE_INFINITY);
      const { tally, rows, position } = await run();

      expect({ after, tally, rows, position }).toEqual({
        ...{ after, tally: expect.objectContaining({ versions: 9, changed: 5, failed: 0 }) },
        ...{ rows: whole.rows, position: whole.position },
      });
      expect(lines().map(told).toSorted(), `killed at step ${after}`).toEqual(
        undisturbed.lines().map(told).toSorted(),
      );
      expect(writes.toSorted(), `killed at step ${after}`).toEqual(undisturbed.writes.toSorted());
      expect(say.resumed).toEqual(left === undefined ? [] : [left]);
    }
  });
});

describe('a run that goes on', () => {
  test('begins where the last certain shard ended, and adds to what was counted', async () => {
    const {
      run,
      begins,
      told: say,
      kept,
      heads,
      writes,
    } = world({ shards: [...shardsOfThree, ['plain/j']] });
    await run({ onProgress: stopAfter(2) }).catch(killed);
    const before = kept();
    expect(before).toMatchObject({ position: '2', rows: 6, tally: { changed: 2 } });
    expect(before?.shard).toMatchObject({ end: '3', rows: 3 });
    const sent = heads.length + writes.length;

    const { requests, tally } = await run();
    expect(begins).toEqual([undefined, '3']);
    expect(say.resumed).toEqual([before]);
    expect(tally).toMatchObject({ versions: 10, changed: 6 });
    // The meter of the second process begins with what the first had counted, and here counts on in one world.
    expect(requests).toBe((before?.requests ?? 0) + heads.length + writes.length);
    expect(heads.length + writes.length).toBeGreaterThan(sent);
  });

  test('keeps the choices of its approach, which were made before; a run that begins has none', async () => {
    let resumed = 0;
    const resume = () => {
      resumed += 1;
    };
    const approach = { ...writeFirst(1), resume };
    const { run, kill, kept } = world({ approach });
    const inFirstShard = 12;
    kill(inFirstShard);
    await expect(run()).rejects.toThrow(Killed);
    expect(kept()).toMatchObject({ shard: { end: '1' } });
    expect(kept()?.position).toBeUndefined();
    expect(resumed).toBe(0);

    kill(Number.POSITIVE_INFINITY);
    await run({ onProgress: stopAfter(1) }).catch(killed);
    expect(resumed).toBe(1);
    expect(kept()).toMatchObject({ position: '2' });

    await run();
    expect(resumed).toBe(2);
  });
});

describe('a limit', () => {
  const limit = { versions: 2, target: 'oss://records' };

  test('that a shard would pass ends the run before any of it is written', async () => {
    const { run, writes, kept, closed, returned } = world();
    await expect(run({ limit })).rejects.toMatchObject({
      code: 'TOO_MANY_OBJECTS',
      message: expect.stringMatching(/\b2\b.*oss:\/\/records|oss:\/\/records.*\b2\b/),
    });
    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b']);
    expect(kept()).toMatchObject({ position: '2', tally: { changed: 2 } });
    expect({ closed: closed(), returned: returned() }).toEqual({ closed: 1, returned: 1 });
  });

  test('counts what the process before has changed', async () => {
    const { run, writes } = world();
    await run({ onProgress: stopAfter(1) }).catch(killed);
    await expect(run({ limit: { ...limit, versions: 4 } })).rejects.toMatchObject({
      code: 'TOO_MANY_OBJECTS',
    });
    expect(writes).toHaveLength(2);
    await run({ limit: { ...limit, versions: 5 } });
    expect(writes).toHaveLength(5);
  });
});

describe('a run that ends early', () => {
  test('is not begun with what cannot be begun, and closes its report', async () => {
    const { run, writes, heads, kept, closed } = world();
    await expect(run({ onBegin: () => Promise.reject(new Killed()) })).rejects.toThrow(Killed);
    expect([writes, heads, kept(), closed()]).toEqual([[], [], undefined, 1]);
  });

  test('has its first checkpoint before anything is read', async () => {
    const { run, kept, heads } = world({ shards: [] });
    await run();
    expect(heads).toEqual([]);
    expect(kept()).toMatchObject({ rows: 0, run: { target: 'oss://records' }, tally: { versions: 0 } });
  });

  test('takes no shard for done whose lines nobody has taken', async () => {
    const { run, writes, kept, lines } = world();
    await expect(run({ onLines: () => Promise.reject(new Killed()) })).rejects.toThrow(Killed);
    expect(kept()).toMatchObject({ shard: { end: '1' }, tally: { changed: 0 } });
    expect(lines()).toEqual([]);
    const taken: string[] = [];
    await run({
      onLines(added) {
        taken.push(...added.map(({ key }) => key));
        return Promise.resolve();
      },
    });
    expect(taken.toSorted()).toEqual(writes.toSorted());
    expect(writes).toHaveLength(5);
  });

  test('on a signal observes no further shard, and leaves what is done', async () => {
    const shards = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => [`plain/${key}`]);
    const { run, deps, heads, kept, returned } = world({ shards });
    const ending = new AbortController();
    await expect(
      run({ deps: { ...deps, signal: ending.signal }, onProgress: () => ending.abort(new Killed()) }),
    ).rejects.toThrow(Killed);
    expect(heads.length).toBeLessThanOrEqual(4); // two under way, one observed, one that is being observed
    expect(kept()).toMatchObject({ position: expect.stringMatching(/^[123]$/) });
    expect(returned()).toBe(1);
  });

  test('in an outage sends nothing more', async () => {
    const keys = Array.from({ length: 200 }, (_, index) => `plain/${index}`);
    const { run, failing, kept, writes } = world({ shards: [keys] });
    let calls = 0;
    failing(() => {
      calls += 1;
      return failure('THROTTLED', { operation: 'HeadObject', target: 'oss://records', code: 'Busy' });
    });
    await expect(run()).rejects.toMatchObject({ code: 'OUTAGE' });
    expect(calls).toBeLessThan(60);
    expect([kept()?.position, writes]).toEqual([undefined, []]);
  });

  test('an error of the shard ahead is thrown in its turn, after the shard before is done', async () => {
    const { run, failing, kept, writes, returned } = world({ approach: writeFirst(1) });
    failing((_, key) => (key === 'plain/g' ? new Killed() : undefined));
    await expect(run()).rejects.toThrow(Killed);
    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b']);
    expect(kept()).toMatchObject({ position: '2' });
    expect(returned()).toBe(1);
  });
});

/** Ends a process once so many shards are done. */
function stopAfter(shards: number): PassOptions['onProgress'] {
  let done = 0;
  return () => {
    done += 1;
    if (done === shards) throw new Killed();
  };
}

const killed = (error: unknown): void => expect(error).toBeInstanceOf(Killed);

describe.each([
  ['that looks first', () => ({})],
  ['that writes first', () => ({ approach: writeFirst(1) })],
] as const)('a run %s asks for the rules before each shard', (_, options) => {
  const none = validRules(`version: 1
limits: { maxRetention: 10y }
objects: [{ name: other, match: { bucket: elsewhere }, retain: 1y }]
`);
  /** Rules that are others from a call on; the first call is made before the first shard. */
  const changing = (from: number, first: Partial<RulesNow>, then: Partial<RulesNow>) => {
    let calls = 0;
    return () => {
      calls += 1;
      return Promise.resolve({ rules, isPartial: false, ...(calls < from ? first : then) });
    };
  };
  const [unknown, known] = [{ isPartial: true }, { isPartial: false }];

  test('and writes no more what a matter has that was released', async () => {
    const { run, writes, kept } = world(options());
    const { tally } = await run({ rulesNow: changing(4, {}, { rules: none }) });
    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b']);
    expect(tally).toMatchObject({ versions: 9, changed: 2 });
    expect(kept()).not.toHaveProperty('mattersUnknown');
  });

  test('and writes what a matter has that was opened meanwhile', async () => {
    const { run, writes } = world(options());
    await run({ rulesNow: changing(4, { rules: none }, {}) });
    expect(writes.toSorted()).toEqual(['plain/g', 'plain/h', 'plain/i']);
  });

  test('and begins anew what was begun while matters were unknown, once they are known', async () => {
    const { run, writes, told: say, kept, lines } = world(options());
    const stopped = { onProgress: stopAfter(2) };
    await run({ rulesNow: changing(1, {}, { ...unknown, rules: none }), ...stopped }).catch(killed);
    expect(kept()).toMatchObject({ position: '2', mattersUnknown: true });
    const anew: boolean[] = [];
    const { tally } = await run({ rulesNow: changing(1, {}, known), onAnew: () => void anew.push(true) });
    expect({ anew, resumed: say.resumed }).toEqual({ anew: [true], resumed: [] });
    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b', 'plain/g', 'plain/h', 'plain/i']);
    expect(tally).toMatchObject({ versions: 9, changed: 5 });
    expect(lines()).toHaveLength(5);
    expect(kept()).not.toHaveProperty('mattersUnknown');
  });

  test('and counts in the new beginning what it had changed before', async () => {
    const { run, kept } = world(options());
    const stopped = { onProgress: stopAfter(1) };
    await run({ rulesNow: changing(1, {}, unknown), ...stopped }).catch(killed);
    expect(kept()).toMatchObject({ changedBefore: 0, tally: { changed: 2 } });
    await run({ rulesNow: changing(1, {}, known) });
    expect(kept()).toMatchObject({ changedBefore: 2, tally: { changed: 3 } });
  });

  test('and goes on while they are still unknown; what became unknown in the middle stays so', async () => {
    const { run, told: say, kept } = world(options());
    await run({ rulesNow: changing(3, known, unknown), onProgress: stopAfter(2) }).catch(killed);
    expect(kept()).toMatchObject({ mattersUnknown: true });
    expect(await run({ rulesNow: changing(2, unknown, known) })).toMatchObject({ mattersUnknown: true });
    expect(say.resumed).toHaveLength(1);
    expect(kept()).toMatchObject({ position: '3', mattersUnknown: true });
  });

  test('and keeps the mark of a run that goes on while they are unknown, and reads pages when they are known', async () => {
    const { run, kept } = world(options());
    const inTurns = { lookAhead: false } as const;
    const begun = { rulesNow: changing(2, known, unknown), onProgress: stopAfter(1) };
    await run({ ...inTurns, ...begun }).catch(killed);
    expect(kept()).toMatchObject({ position: '1', mattersUnknown: true });
    await run({ ...inTurns, rulesNow: changing(2, unknown, known) });
    expect(kept()).toMatchObject({ position: '3', mattersUnknown: true });
  });

  test('and leaves no mark of matters that were unknown for a moment', async () => {
    const { run, kept, told: say } = world(options());
    // It is asked when it begins, and before each of three shards.
    const states = [known, unknown, unknown, known];
    const rulesNow = () => Promise.resolve({ rules, isPartial: false, ...states.shift() });
    await run({ rulesNow });
    expect(kept()).toMatchObject({ position: '3' });
    expect(kept()).not.toHaveProperty('mattersUnknown');
    expect(kept()).not.toHaveProperty('knownUntil');
    expect(say.resumed).toEqual([]);
  });

  test('and goes back only to where they were known when they became unknown later', async () => {
    const { run, writes, kept, lines, told: say } = world(options());
    await run({ rulesNow: changing(1, {}, known), onProgress: stopAfter(1) }).catch(killed);
    expect(kept()).toMatchObject({ position: '1' });
    const blind = { rulesNow: changing(1, {}, { ...unknown, rules: none }) };
    await run({ ...blind, onProgress: stopAfter(1) }).catch(killed);
    expect(kept()).toMatchObject({ position: '2', mattersUnknown: true, knownUntil: { position: '1' } });
    await run(blind);
    expect(kept()).toMatchObject({ position: '3', mattersUnknown: true, knownUntil: { position: '1' } });
    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b']);
    const anew: boolean[] = [];
    const { tally } = await run({ rulesNow: changing(1, {}, known), onAnew: () => void anew.push(true) });
    expect(anew).toEqual([]);
    expect(say.resumed).toHaveLength(3);
    expect(writes.toSorted()).toEqual(['plain/a', 'plain/b', 'plain/g', 'plain/h', 'plain/i']);
    expect(tally).toMatchObject({ versions: 9, changed: 5 });
    expect(lines()).toHaveLength(5);
    expect(kept()).not.toHaveProperty('mattersUnknown');
  });

  test('and counts on what was changed behind the place that it goes back to', async () => {
    const { run, kept } = world(options());
    await run({ rulesNow: changing(1, {}, known), onProgress: stopAfter(2) }).catch(killed);
    await run({ rulesNow: changing(1, {}, unknown) });
    expect(kept()).toMatchObject({
      changedBefore: 0,
      tally: { changed: 5 },
      knownUntil: { tally: { changed: 2 } },
    });
    await run({ rulesNow: changing(1, {}, known) });
    expect(kept()).toMatchObject({ changedBefore: 3, tally: { changed: 2 } });
  });

  test('and looks at a shard that was stopped by the rules that are now', async () => {
    const { run, writes, kept, failing } = world(options());
    failing((call) => (call === 'put' ? new Killed() : undefined));
    await run().catch(killed);
    expect(kept()?.shard).toBeDefined();
    failing(() => undefined);
    await run({ rulesNow: changing(1, {}, { rules: none }) });
    expect(writes).toEqual([]);
  });
});
