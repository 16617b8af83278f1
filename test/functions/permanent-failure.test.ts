import { expect, it } from 'vitest';
import type { FcContext } from '../../functions/fc.ts';
import { isKeptAtOnce } from '../../functions/permanent-failure.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { failure } from '../../shared/platform/errors.ts';
import { createLog } from '../../shared/platform/log.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { placeUrl } from '../support/dead-letters.ts';
import { validRules } from '../support/rules-file.ts';

const now = new Date('2026-11-20T10:00:00Z');
const clock = { now: () => now, sleep: () => Promise.resolve() };
const rulesText = `version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: b }, retain: 1y }]
`;
const context: FcContext = {
  requestId: 'request-1',
  credentials: { accessKeyId: 'i', accessKeySecret: 's', securityToken: 't' },
  function: { name: 'holdfast-protect-existing', timeout: 60 },
  region: 'cn-hangzhou',
  accountId: '1',
};
const permanent = failure('INVENTORY_INVALID', { source: 's', reason: 'r' });
const passing = failure('UNFINISHED', { what: 'w' });
const oss = createOssStorage({
  region: 'cn-hangzhou',
  endpoint: 'http://127.0.0.1:1', // nothing but a letter is written, and that is caught here
  credentials: { accessKeyId: 'i', accessKeySecret: 's' },
});

/** Whether the failure was kept, and the texts that were written. */
async function keptOf(
  errors: readonly unknown[],
  changes: {
    shown?: unknown;
    event?: Uint8Array;
    context?: Partial<FcContext>;
    rules?: string;
    dryRun?: boolean;
    refuse?: boolean;
  } = {},
) {
  const written: string[] = [];
  const storage = {
    ...oss,
    writeText: (_at: unknown, text: string) => {
      if (changes.refuse === true)
        return Promise.reject(failure('NO_SUCH_BUCKET', { bucket: 'kept', operation: 'PutObject' }));
      written.push(text);
      return Promise.resolve({ sent: true, requestId: 'R' });
    },
  };
  const config = readConfig(changes.dryRun === true ? { HOLDFAST_DRY_RUN: 'true' } : {});
  const rules = validRules(changes.rules ?? `${rulesText}deadLetters: ${placeUrl}\n`);
  const failed = {
    event: changes.event ?? Buffer.from('{"events":[]}'),
    errors,
    shown: changes.shown ?? errors[0],
  };
  const invocation = { storage, rules, config, clock, log: createLog('error', clock) };
  const kept = await isKeptAtOnce(invocation, { ...context, ...changes.context }, failed);
  return { kept, letters: written.length };
}

const isKept = { kept: true, letters: 1 };
const isNot = { kept: false, letters: 0 };

it('a failure is kept at once when every error is permanent', async () => {
  expect(await keptOf([permanent])).toEqual(isKept);
  expect(await keptOf([permanent, permanent])).toEqual(isKept);
});

it.each<[string, Parameters<typeof keptOf>]>([
  ['an error that may pass', [[passing]]],
  ['one among others that may pass', [[permanent, passing]]],
  ['an error that is none of ours', [[permanent, new RangeError('x')]]],
  ['an error that is shown and none of ours', [[permanent], { shown: new RangeError('x') }]],
  ['an event that is no text', [[permanent], { event: Buffer.from([0xff]) }]],
  ['a dry run', [[permanent], { dryRun: true }]],
  ['rules without a place', [[permanent], { rules: rulesText }]],
  ['a caller other than Function Compute', [[permanent], { context: { accountId: '' } }]],
  ['no bucket to keep it in', [[permanent], { refuse: true }]],
])('it is left to Function Compute: %s', async (_what, args) => {
  expect(await keptOf(...args)).toEqual(isNot);
});
