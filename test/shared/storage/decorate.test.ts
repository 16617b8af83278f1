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
const holdCalls = ['getHold', 'putHold'];
const callsOf = (calls: object = {}): string[] => Object.keys(calls).sort();

const decorators: readonly [string, (store: ObjectStore) => ObjectStore][] = [
  ['withRetry', (store) => withRetry(store, { clock })],
  ['withCircuit', (store) => withCircuit(store)],
  ['readOnly', (store) => readOnly(store, () => {})],
];

test.each(decorators)(
  '%s keeps the cloud, and bucket policies and legal holds where there are some',
  (_, around) => {
    const ofOss = around(oss);
    expect([ofOss.cloud, callsOf(ofOss.policies), callsOf(ofOss.holds)]).toEqual([
      'oss',
      policyCalls,
      holdCalls,
    ]);
    expect([around(obs).cloud, 'policies' in around(obs), 'holds' in around(obs)]).toEqual([
      'obs',
      false,
      false,
    ]);
  },
);
