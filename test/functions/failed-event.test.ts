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
  const lines: Record<string, unknown>[] = [];
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
        return Promise.reject(failure('NO_SUCH_BUCKET', { address: 'oss://kept', operation: 'PutObject' }));
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
    log: createLog('info', clock, { write: (line) => void lines.push(JSON.parse(line)) }),
    cloud: 'oss',
    call: { ...call, ...changes.call },
    keepsBeforeRepetition: changes.keepsBeforeRepetition === true,
    kept: new Map(),
  };
  return { deps, writes, written, lines };
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

describe('what is kept, and what the log says of it', () => {
  const text = JSON.stringify({
    events: [
      {
        eventName: 'ObjectCreated:PutObject',
        eventTime: '2026-11-20T09:59:00.000Z',
        oss: { bucket: { name: 'b' }, object: { key: 'k', eTag: 'AA' } },
      },
    ],
  });
  const { code, message, remedy } = permanent;

  it('is the whole failure, at level error when no repetition comes', async () => {
    const { deps, written, lines } = box();
    await isKeptAtOnce(deps, { text, errors: [permanent], shown: permanent });
    const [[key, letter] = ['', '']] = written;
    expect(JSON.parse(letter)).toMatchObject({
      function: 'holdfast-protect-existing',
      requestId: 'request-1',
      condition: 'PermanentFailure',
      payload: text,
      error: { code, message, remedy },
    });
    expect(lines).toMatchObject([
      {
        ...{
          level: 'error',
          msg: 'a dead letter',
          action: 'kept',
          failedCode: code,
          reason: message,
          remedy,
        },
        ...{ about: { bucket: 'b', key: 'k' }, letter: `oss://kept/${key}` },
      },
    ]);
  });

  it('is a warning when the platform repeats it', async () => {
    const { deps, written, lines } = box({ keepsBeforeRepetition: true });
    await isKeptAtOnce(deps, { text, errors: [passing], shown: passing });
    expect([...written.values()].map((letter) => JSON.parse(letter))).toMatchObject([
      { condition: 'BeforeRepetition' },
    ]);
    expect(lines).toMatchObject([
      { level: 'warn', msg: 'a dead letter, before the platform repeats the event' },
    ]);
  });

  it('is nothing but a line for a failure about dead letters', async () => {
    const { deps, written, lines } = box({ keepsBeforeRepetition: true });
    const own = text.replace('"b"', '"kept"').replace('"k"', '"failed/letters/x"');
    await isKeptAtOnce(deps, { text: own, errors: [passing], shown: passing });
    expect(written.size).toBe(0);
    expect(deps.kept.size).toBe(0);
    expect(lines).toMatchObject([
      { level: 'error', msg: 'not kept', action: 'own', code: 'DEAD_LETTER_OWN' },
    ]);
  });

  it('is a line of its own when it cannot be kept', async () => {
    const { deps, lines } = box({ refuse: true });
    await isKeptAtOnce(deps, { text, errors: [permanent], shown: permanent });
    expect(lines).toMatchObject([
      { level: 'error', code: 'NO_SUCH_BUCKET', msg: expect.stringContaining('left to the platform') },
    ]);
  });

  it('is remembered only for a repetition', async () => {
    const { deps } = box({ keepsBeforeRepetition: true });
    await isKeptAtOnce(deps, { text, errors: [permanent], shown: permanent });
    expect(deps.kept.size).toBe(0);
  });

  it('is not kept where the platform does not name the function', async () => {
    const { deps, written } = box();
    const nameless = { ...deps, call: { ...call, functionName: undefined } };
    expect(await isKeptAtOnce(nameless, { text, errors: [permanent], shown: permanent })).toBe(false);
    expect(written.size).toBe(0);
  });

  it('is closed by a mark that says by what', async () => {
    const { deps, written } = box({ keepsBeforeRepetition: true });
    await isKeptAtOnce(deps, { text, errors: [passing], shown: passing });
    await closeLetter(deps);
    const [, mark = ''] = [...written.values()];
    expect(JSON.parse(mark)).toEqual({
      ...{ version: 1, id: expect.any(String), outcome: 'replayed', at: '2026-11-20T10:00:00Z' },
      detail: { by: 'a repetition of the platform', requestId: 'request-1' },
    });
  });

  it('stays open, with a warning, when the mark cannot be written', async () => {
    const { deps, lines } = box({ keepsBeforeRepetition: true, refuse: true });
    deps.kept.set('request-1', '0123456789abcdef');
    await closeLetter(deps);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        id: '0123456789abcdef',
        code: 'NO_SUCH_BUCKET',
        msg: expect.stringMatching(/stays open/),
      },
    ]);
  });

  it('is forgotten once a thousand others are remembered, the oldest first', async () => {
    const { deps } = box({ keepsBeforeRepetition: true });
    for (let number = 0; number < 1001; number += 1) {
      const own = { ...deps, call: { ...call, requestId: `request-${number}` } };
      await isKeptAtOnce(own, { text, errors: [passing], shown: passing });
    }
    expect([...deps.kept.keys()][0]).toBe('request-1');
    expect(deps.kept.size).toBe(1000);
  });
});
