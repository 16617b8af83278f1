import { expect, test } from 'vitest';
import { withCircuit } from '../../../shared/storage/circuit.ts';
import { readOnly } from '../../../shared/storage/dry-run.ts';
import { createObsStorage } from '../../../shared/storage/obs/index.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import { type ObjectStore, offerPolicies, type Storage } from '../../../shared/storage/port.ts';
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
const policyCallsOf = (calls: object = {}): string[] =>
  Object.keys(calls)
    .filter((name) => policyCalls.includes(name))
    .sort();

const decorators: readonly [string, (store: ObjectStore) => ObjectStore, (storage: Storage) => Storage][] = [
  ['withRetry', (store) => withRetry(store, { clock }), (storage) => withRetry(storage, { clock })],
  ['withCircuit', (store) => withCircuit(store), (storage) => withCircuit(storage)],
  ['readOnly', (store) => readOnly(store, () => {}), (storage) => readOnly(storage, () => {})],
];

test.each(decorators)('%s keeps bucket policies where there are some, and adds none', (_, store, storage) => {
  expect(policyCallsOf(storage(oss))).toEqual(policyCalls);
  expect(policyCallsOf(store({ ...obs, policies: offerPolicies(oss).policies }).policies)).toEqual(
    policyCalls,
  );
  const without = store(obs);
  expect([without.policies, policyCallsOf(without)]).toEqual([undefined, []]);
});
