import { describe, expect, it } from 'vitest';
import { closeLetter, isKeptAtOnce, type KeepDeps } from '../../functions/failed-event.ts';
import type { FunctionCall } from '../../functions/platform.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { failure } from '../../shared/platform/errors.ts';
import { createLog } from '../../shared/platform/log.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { etag } from '../../shared/storage/port.ts';
import { placeUrl } from '../support/dead-letters.ts';
import { validRules } from '../support/rules-file.ts';

const now = new Date('2026-11-20T10:00:00Z');
const clock = { now: () => now, sleep: () => Promise.resolve() };
const rulesText = `version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: b }, retain: 1y }]
`;
const call: FunctionCall = {
  requestId: 'request-1',
  credentials: { accessKeyId: 'i', accessKeySecret: 's', securityToken: 't' },
  functionName: 'holdfast-protect-existing',
  limitMs: 60_000,
  region: 'cn-hangzhou',
  accountId: '1',
  isDeployed: true,
};
const permanent = failure('INVENTORY_INVALID', { source: 's', reason: 'r' });
const passing = failure('UNFINISHED', { what: 'w' });
const oss = createOssStorage({
  region: 'cn-hangzhou',
  endpoint: 'http://127.0.0.1:1', // nothing but a letter is written, and that is caught here
  credentials: { accessKeyId: 'i', accessKeySecret: 's' },
});

interface Changes {
  readonly shown?: unknown;
  readonly text?: string | undefined;
  readonly call?: Partial<FunctionCall>;
  readonly rules?: string;
  readonly dryRun?: boolean;
  readonly refuse?: boolean;
  /** The platform is FunctionGraph, which does not say which attempt is the last. */
  readonly keepsBeforeRepetition?: boolean;
}

/** What a failure is kept with, over a bucket that remembers its keys. */
function box(changes: Changes = {}) {
  const written = new Map<string, string>();
  const writes: string[] = [];
  const storage: KeepDeps['storage'] = {
    ...oss,
    headObject: ({ key }) =>
      Promise.resolve(
        written.has(key)
          ? {
              versionId: undefined,
              etag: etag('E'),
              lastModified: now,
              size: 1,
              type: 'Normal',
              tagCount: 0,
              retention: undefined,
            }
          : 'absent',
      ),
    writeText({ key }, text) {
      if (changes.refuse === true)
        return Promise.reject(failure('NO_SUCH_BUCKET', { bucket: 'kept', operation: 'PutObject' }));
      writes.push(key);
      written.set(key, text);
      return Promise.resolve({ sent: true, requestId: 'R' });
    },
  };
  const config = readConfig(changes.dryRun === true ? { HOLDFAST_DRY_RUN: 'true' } : {});
  const rules = validRules(changes.rules ?? `${rulesText}deadLetters: ${placeUrl}\n`);
  const deps: KeepDeps = {
    storage,
    rules,
    config,
    clock,
    log: createLog('error', clock, { write: () => undefined }),
    cloud: 'oss',
    call: { ...call, ...changes.call },
    keepsBeforeRepetition: changes.keepsBeforeRepetition === true,
    kept: new Map(),
  };
  return { deps, writes };
}

/** Whether the failure was kept, and how many texts were written. */
async function keptOf(errors: readonly unknown[], changes: Changes = {}) {
  const { deps, writes } = box(changes);
  const text = 'text' in changes ? changes.text : '{"events":[]}';
  const kept = await isKeptAtOnce(deps, { text, errors, shown: changes.shown ?? errors[0] });
  return { kept, letters: writes.length };
}

const isKept = { kept: true, letters: 1 };
const isNot = { kept: false, letters: 0 };

it('a failure is kept at once when every error is permanent', async () => {
  expect(await keptOf([permanent])).toEqual(isKept);
  expect(await keptOf([permanent, permanent])).toEqual(isKept);
});

const leftAlone: [string, Parameters<typeof keptOf>][] = [
  ['an error that is shown and none of ours', [[permanent], { shown: new RangeError('x') }]],
  ['an event that is no text', [[permanent], { text: undefined }]],
  ['a dry run', [[permanent], { dryRun: true }]],
  ['rules without a place', [[permanent], { rules: rulesText }]],
  ['a caller other than the platform', [[permanent], { call: { isDeployed: false } }]],
  ['no bucket to keep it in', [[permanent], { refuse: true }]],
];

it.each<[string, Parameters<typeof keptOf>]>([
  ['an error that may pass', [[passing]]],
  ['one among others that may pass', [[permanent, passing]]],
  ['an error that is none of ours', [[permanent, new RangeError('x')]]],
  ...leftAlone,
])('it is left to Function Compute: %s', async (_what, args) => {
  expect(await keptOf(...args)).toEqual(isNot);
});

describe('on FunctionGraph, which does not say which attempt is the last', () => {
  const graph = { keepsBeforeRepetition: true };
  const event = (time: string) =>
    JSON.stringify({
      Records: [
        {
          eventName: 'ObjectCreated:Put',
          eventTime: time,
          s3: { bucket: { name: 'b' }, object: { key: 'k' } },
        },
      ],
    });

  it.each(leftAlone)('a failure is left to it: %s', async (_what, [errors, changes]) => {
    expect(await keptOf(errors, { ...changes, ...graph })).toEqual(isNot);
  });

  it('a failure that may pass is kept before each repetition, all attempts in one letter', async () => {
    const { deps, writes } = box(graph);
    const failed = { text: event('2026-11-20T09:59:00Z'), errors: [passing], shown: passing };
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect(await isKeptAtOnce(deps, failed)).toBe(false);
    }
    expect(writes).toEqual([
      expect.stringMatching(/letters\/2026\/11\/20\/20261120T095900\.000Z-[0-9a-f]{16}\.json$/),
    ]);
  });

  it('a permanent failure ends the repetitions', async () => {
    expect(await keptOf([permanent], graph)).toEqual(isKept);
  });

  it('a repetition that succeeds closes the letter, and only once', async () => {
    const { deps, writes } = box(graph);
    const failed = { text: event('2026-11-20T09:59:00Z'), errors: [passing], shown: passing };
    await isKeptAtOnce(deps, failed);
    for (let time = 1; time <= 2; time += 1) await closeLetter(deps);
    const [letter = '', mark, ...more] = writes;
    const id = /-([0-9a-f]{16})\.json$/.exec(letter)?.[1];
    expect(mark).toMatch(new RegExp(`marks/${id}/20261120T100000\\.000Z-replayed\\.json$`));
    expect(more).toEqual([]);
  });

  it('a success without a failure before writes nothing', async () => {
    const { deps, writes } = box(graph);
    await closeLetter(deps);
    expect(writes).toEqual([]);
  });

  it('an invocation under another request leaves the letter open', async () => {
    const { deps, writes } = box(graph);
    await isKeptAtOnce(deps, { text: event('2026-11-20T09:59:00Z'), errors: [passing], shown: passing });
    await closeLetter({ ...deps, call: { ...call, requestId: 'request-2' } });
    expect(writes).toHaveLength(1);
  });
});
