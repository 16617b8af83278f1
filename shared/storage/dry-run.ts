import { aroundReads, type WriteName } from './decorate.ts';
import {
  type BucketPolicies,
  type LegalHolds,
  type ObjectStore,
  type Receipt,
  type StorageWrites,
  wormId,
} from './port.ts';

/** A write that was not sent: which one, and with which arguments. */
export type PlannedWrite = {
  [Operation in WriteName]: {
    readonly operation: Operation;
    readonly args: Parameters<(StorageWrites & BucketPolicies & LegalHolds)[Operation]>;
  };
}[WriteName];

/** This is what a dry run's `initiatePolicy` resolves to: no policy was made, hence no real id exists. */
export const dryRunWormId = wormId('dry-run');

/**
 * Lets reads through and no write: each write is recorded and resolves with `sent: false`. Nothing that
 * is read afterwards shows it, so a dry run does not read back.
 * @param record is called with every write that is not sent, in order
 */
export function readOnly(storage: ObjectStore, record: (write: PlannedWrite) => void): ObjectStore {
  const plan = (write: PlannedWrite): Promise<Receipt> => {
    record(write);
    return Promise.resolve({ sent: false, requestId: undefined });
  };
  const readOnlyPolicies = (policies: BucketPolicies): BucketPolicies => ({
    getPolicy: (bucket) => policies.getPolicy(bucket),
    initiatePolicy: (...args) =>
      plan({ operation: 'initiatePolicy', args }).then((receipt) => ({ ...receipt, id: dryRunWormId })),
    lockPolicy: (...args) => plan({ operation: 'lockPolicy', args }),
    extendPolicy: (...args) => plan({ operation: 'extendPolicy', args }),
    abortPolicy: (...args) => plan({ operation: 'abortPolicy', args }),
  });
  const { policies, holds } = storage;
  return {
    ...aroundReads(storage, (call) => call()),
    putRetention: (at, retention) => plan({ operation: 'putRetention', args: [at, retention] }),
    writeText: (...args) => plan({ operation: 'writeText', args }),
    putObjectWorm: (...args) => plan({ operation: 'putObjectWorm', args }),
    ...(policies !== undefined && { policies: readOnlyPolicies(policies) }),
    ...(holds !== undefined && {
      holds: {
        getHold: (at) => holds.getHold(at),
        putHold: (at, status) => plan({ operation: 'putHold', args: [at, status] }),
      },
    }),
  };
}
