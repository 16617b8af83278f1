import { expect, test } from 'vitest';
import { withCircuit } from '../../../shared/storage/circuit.ts';
import { readOnly } from '../../../shared/storage/dry-run.ts';
import { createObsStorage } from '../../../shared/storage/obs/index.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import type { ObjectStore } from '../../../shared/storage/port.ts';
import { withRetry } from '../../../shared/storage/retry.ts';
import { manualClock } from '../../support/manual-clock.ts';

const clock = manualClock('2026-11-21T00:00:00Z');
const nowhere = {
  endpoint: 'http://127.0.0.1:1',
  credentials: { accessKeyId: 'i', accessKeySecret: 's' },
};
const oss = createOssStorage({ region: 'cn-hangzhou', ...nowhere });
const obs = createObsStorage({ region: 'cn-north-4', ...nowhere });

const policyCalls = ['abortPolicy', 'extendPolicy', 'getPolicy', 'initiatePolicy', 'lockPolicy'];
const policyCallsOf = (calls: object = {}): string[] => Object.keys(calls).sort();

const decorators: readonly [string, (store: ObjectStore) => ObjectStore][] = [
  ['withRetry', (store) => withRetry(store, { clock })],
  ['withCircuit', (store) => withCircuit(store)],
  ['readOnly', (store) => readOnly(store, () => {})],
];

test.each(decorators)('%s keeps the cloud, and bucket policies where there are some', (_, around) => {
  expect([around(oss).cloud, policyCallsOf(around(oss).policies)]).toEqual(['oss', policyCalls]);
  expect([around(obs).cloud, 'policies' in around(obs)]).toEqual(['obs', false]);
});
