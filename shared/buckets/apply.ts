import type { Clock } from '../platform/clock.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import type { BucketPolicy, Receipt, Storage } from '../storage/port.ts';
import { readBack } from '../storage/read-back.ts';
import type { BucketChange } from './types.ts';

/** A change that was made and read back, or that a dry run kept back. */
export interface Applied {
  readonly sent: boolean;
  readonly requestId: string | undefined;
  /** The policy as the service shows it afterwards. */
  readonly policy: BucketPolicy | undefined;
  /** Set when the call failed and the policy is as wanted all the same, e.g. the reply was lost. */
  readonly note?: string;
}

/**
 * Makes one change and reads it back; only what the service then shows counts as done. A call that failed
 * is read back too: a lost reply may hide a success.
 *
 * @throws the call's own error, or NOT_VERIFIED when it was accepted and has no visible effect
 */
export async function applyChange(
  storage: Storage,
  clock: Clock,
  bucket: string,
  change: BucketChange,
): Promise<Applied> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { sent, requestId } = await write(storage, bucket, change);
      return { sent, requestId, policy: sent ? await verify(storage, clock, bucket, change) : undefined };
    } catch (error) {
      const done = await salvage(storage, bucket, change, error);
      if (done !== undefined) return done;
      if (attempt === writeAttempts || !mayRepeat(change, error)) throw error;
      await clock.sleep(writePauseMs);
    }
  }
}

/** Where the service is seen not to have done it, one more call can only do the same: the id fences it. */
const writeAttempts = 3;
const writePauseMs = 400;
const mayRepeat = ({ action }: BucketChange, error: unknown): boolean =>
  (action === 'lock' || action === 'extend') &&
  error instanceof HoldfastError &&
  error.transient &&
  error.code !== 'NOT_VERIFIED';

async function write(storage: Storage, bucket: string, change: BucketChange): Promise<Receipt> {
  switch (change.action) {
    case 'initiate':
      return await storage.initiatePolicy(bucket, change.days);
    case 'renew':
      await storage.abortPolicy(bucket);
      return await storage.initiatePolicy(bucket, change.days);
    case 'lock':
      return await storage.lockPolicy(bucket, change.id);
    case 'extend':
      return await storage.extendPolicy(bucket, change.id, change.days);
    case 'abort':
      return await storage.abortPolicy(bucket);
  }
}

/** Whether the policy is as the change wants it. */
function isDone(change: BucketChange, policy: BucketPolicy | undefined): boolean {
  switch (change.action) {
    case 'initiate':
      return policy?.state === 'InProgress' && policy.days === change.days;
    case 'renew':
      return policy?.state === 'InProgress' && policy.days === change.days && policy.id !== change.id;
    case 'lock':
      return policy?.state === 'Locked' && policy.id === change.id;
    case 'extend':
      return policy?.state === 'Locked' && policy.id === change.id && policy.days >= change.days;
    case 'abort':
      return policy?.id !== change.id;
  }
}

async function verify(
  storage: Storage,
  clock: Clock,
  bucket: string,
  change: BucketChange,
): Promise<BucketPolicy | undefined> {
  const { value: policy, verified } = await readBack(
    clock,
    () => storage.getPolicy(bucket),
    (shown) => isDone(change, shown),
  );
  if (verified) return policy;
  const found = policy ? `state ${policy.state} with ${policy.days} days` : 'no policy';
  throw failure('NOT_VERIFIED', { operation: change.action, target: `oss://${bucket}`, found });
}

/** What a failed call has brought about all the same; undefined: nothing. @throws the error when nobody knows */
async function salvage(
  storage: Storage,
  bucket: string,
  change: BucketChange,
  error: unknown,
): Promise<Applied | undefined> {
  const policy = await storage.getPolicy(bucket).catch(() => {
    throw error; // the first failure says more than that the look afterwards failed too
  });
  if (!isDone(change, policy)) return undefined;
  const requestId = error instanceof HoldfastError ? error.reply.requestId : undefined;
  const why = error instanceof Error ? error.message : String(error);
  return { sent: true, requestId, policy, note: `the call failed, the policy is as wanted: ${why}` };
}
