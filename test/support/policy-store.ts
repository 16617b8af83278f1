import { failure } from '../../shared/platform/errors.ts';
import { listing } from '../../shared/storage/listing.ts';
import { type BucketPolicies, type BucketPolicy, type Storage, wormId } from '../../shared/storage/port.ts';

type StoreCalls = Pick<Storage, 'cloud' | 'listBuckets' | 'policies'>;
export type PolicyCall = 'listBuckets' | keyof BucketPolicies;

/** Bucket policies in memory, with a log of the calls; what a test wants to go wrong, it does in `before` and `after`. */
export interface PolicyStore {
  readonly storage: Storage;
  readonly policies: Map<string, BucketPolicy>;
  /** `lockPolicy b001`, in order, when they took effect. */
  readonly calls: string[];
  /** Runs before a call takes effect; when it rejects, the call has no effect. */
  before: (call: PolicyCall, bucket: string) => Promise<void> | void;
  /** Runs after a call has taken effect; when it rejects, the reply is lost. */
  after: (call: PolicyCall, bucket: string) => Promise<void> | void;
}

/** As a person makes it, or Holdfast: its id is new. */
export function policyStore(region = 'cn-hangzhou'): PolicyStore {
  const policies = new Map<string, BucketPolicy>();
  let ids = 0;
  const need = (bucket: string): BucketPolicy => {
    const policy = policies.get(bucket);
    if (policy === undefined) throw failure('NO_POLICY', { operation: 'a call', target: `oss://${bucket}` });
    return policy;
  };
  const call = async <Result>(name: PolicyCall, bucket: string, effect: () => Result): Promise<Result> => {
    await store.before(name, bucket);
    const result = effect();
    store.calls.push(`${name} ${bucket}`);
    await store.after(name, bucket);
    return result;
  };
  const receipt = { sent: true, requestId: 'R1' };
  const policyCalls: BucketPolicies = {
    getPolicy: (bucket) => call('getPolicy', bucket, () => policies.get(bucket)),
    lockPolicy: (bucket, id) =>
      call('lockPolicy', bucket, () => {
        const policy = need(bucket);
        if (policy.id !== id) throw failure('NO_POLICY', { operation: 'lock', target: `oss://${bucket}` });
        policies.set(bucket, { ...policy, state: 'Locked' });
        return receipt;
      }),
    extendPolicy: (bucket, id, days) =>
      call('extendPolicy', bucket, () => {
        const policy = need(bucket);
        if (policy.id !== id) throw failure('NO_POLICY', { operation: 'extend', target: `oss://${bucket}` });
        policies.set(bucket, { ...policy, days });
        return receipt;
      }),
    initiatePolicy: (bucket, days) =>
      call('initiatePolicy', bucket, () => {
        ids += 1;
        const id = wormId(`new-${ids}`);
        policies.set(bucket, { id, state: 'InProgress', days, createdAt: new Date('2026-11-21T10:00:00Z') });
        return { ...receipt, id };
      }),
    abortPolicy: (bucket) =>
      call('abortPolicy', bucket, () => {
        if (need(bucket).state === 'Locked')
          throw failure('POLICY_LOCKED', { operation: 'abort', target: bucket });
        policies.delete(bucket);
        return receipt;
      }),
  };
  const calls: StoreCalls = {
    cloud: 'oss',
    listBuckets: () =>
      listing(() =>
        call('listBuckets', '', () => ({
          items: [...policies.keys()].map((name) => ({ name, region })),
          next: undefined,
        })),
      ),
    policies: policyCalls,
  };
  const store: PolicyStore = {
    storage: calls as Storage, // nothing else is called; anything else would fail
    policies,
    calls: [],
    before: () => undefined,
    after: () => undefined,
  };
  return store;
}
