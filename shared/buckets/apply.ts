import { formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { inOneLine } from '../platform/error-text.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import { quantity } from '../platform/quantity.ts';
import { policiesOf } from '../storage/policies.ts';
import type { BucketPolicies, BucketPolicy, Receipt, Storage } from '../storage/port.ts';
import { readBack } from '../storage/read-back.ts';
import type { BucketChange } from './types.ts';

/** A change that was made and read back, or that a dry run kept back. */
export interface Applied {
  readonly sent: boolean;
  readonly requestId: string | undefined;
  /** The policy as the service shows it afterwards. */
  readonly policy: BucketPolicy | undefined;
  /** Set when the policy is as wanted and there is more to say, e.g. the reply was lost. */
  readonly note?: string;
}

export interface ApplyOptions {
  /** The end of the time for it: nothing is sent at or after this instant. */
  readonly until?: Date | undefined;
  /** Called right before each write is sent. From then on its outcome is unknown until the change has ended. */
  readonly onSend?: () => void;
}

/**
 * Makes one change and reads it back; only what the service then shows counts as done. A call that failed
 * is read back too: a lost reply may hide a success.
 *
 * @throws the call's own error; CHANGED_MEANWHILE when an abort would hit another policy than the one decided about;
 * NOT_VERIFIED when the call was accepted and has no visible effect; OUTCOME_UNKNOWN when neither the call nor reading back
 * was answered; RENEWAL_HALF_DONE when the old policy is gone and no new one was initiated
 */
export async function applyChange(
  storage: Storage,
  clock: Clock,
  bucket: string,
  change: BucketChange,
  options: ApplyOptions = {},
): Promise<Applied> {
  const target = formatAddress(storage.cloud, { bucket });
  const work: Work = { policies: policiesOf(storage, bucket), clock, bucket, target, ...options };
  if (change.action !== 'renew') return await make(work, stepOf(work, change));
  const { id, state, days } = change;
  const aborted = await make(work, abortStep(work, { id, state }));
  if (aborted.policy !== undefined) throw replaced(work, id, state, aborted.policy);
  try {
    return await make(work, initiateStep(work, days, id));
  } catch (error) {
    throw failure('RENEWAL_HALF_DONE', { target, days, reason: inOneLine(error) }, { cause: error });
  }
}

interface Work extends ApplyOptions {
  readonly policies: BucketPolicies;
  readonly clock: Clock;
  readonly bucket: string;
  /** The address of the bucket. */
  readonly target: string;
}

/** This is what the calls of a step are made with. */
type Place = Pick<Work, 'policies' | 'bucket' | 'target'>;

/** One call that changes a policy, and how to tell whether it has. */
interface Step {
  readonly operation: string;
  /** Throws when the policy is no longer the one that was decided about. */
  readonly fence?: () => Promise<void>;
  readonly send: () => Promise<Receipt>;
  /** Tells from the policy that is read back, and from the reply, if there was one. */
  readonly isDone: (policy: BucketPolicy | undefined, receipt?: Receipt) => boolean;
  /** Tells whether a call that failed so may be sent again where the service is seen not to have done it. */
  readonly mayRepeat: (error: HoldfastError) => boolean;
  /** This is what has to be said about the policy that is there afterwards; throws when it cannot count as done. */
  readonly comment?: (policy: BucketPolicy | undefined, wasAccepted: boolean) => string | undefined;
}

function stepOf(place: Place, change: Exclude<BucketChange, { action: 'renew' }>): Step {
  const { policies, bucket } = place;
  switch (change.action) {
    case 'initiate':
      return initiateStep(place, change.days, undefined);
    case 'lock':
      return {
        operation: 'lock',
        send: () => policies.lockPolicy(bucket, change.id),
        isDone: (policy) => policy?.state === 'Locked' && policy.id === change.id,
        mayRepeat: fencedById,
      };
    case 'extend':
      return {
        operation: 'extend',
        send: () => policies.extendPolicy(bucket, change.id, change.days),
        isDone: (policy) =>
          policy?.state === 'Locked' && policy.id === change.id && policy.days >= change.days,
        mayRepeat: fencedById,
      };
    case 'abort':
      return abortStep(place, change);
  }
}

/** A second call can only do the same, since it names the policy. */
const fencedById = (error: HoldfastError): boolean => error.transient;

/** @param before the policy that was there until now, if there was one */
function initiateStep(
  { policies, bucket, target }: Place,
  days: number,
  before: BucketPolicy['id'] | undefined,
): Step {
  let initiated: BucketPolicy['id'] | undefined;
  return {
    operation: 'initiate',
    send: async () => {
      const receipt = await policies.initiatePolicy(bucket, days).catch((error: unknown) => {
        throw whyNoPolicy(error, target);
      });
      initiated = receipt.id;
      return receipt;
    },
    isDone: (policy, receipt) =>
      policy?.state === 'InProgress' &&
      policy.days === days &&
      (receipt === undefined ? policy.id !== before : policy.id === initiated),
    mayRepeat: () => false, // a second one would be another policy
  };
}

/** Returns the error of a call that initiates: the state of a bucket that the service refuses is ObjectWorm, or suspended versioning. */
function whyNoPolicy(error: unknown, target: string): unknown {
  if (!(error instanceof HoldfastError) || error.reply.code !== 'InvalidBucketState') return error;
  const about = { operation: 'InitiateBucketWorm', target, detail: error.reply.code };
  return failure('POLICY_EXCLUDED', about, { cause: error, reply: error.reply });
}

type Decided = Pick<BucketPolicy, 'id' | 'state'>;

/** Abort names no policy: the call hits whatever policy the bucket has by then. So the policy is read right before it. */
function abortStep({ policies, bucket, target }: Place, { id, state }: Decided): Step {
  return {
    operation: 'abort',
    async fence() {
      const policy = await policies.getPolicy(bucket);
      if (policy?.id !== id || policy.state !== state) throw replaced({ target }, id, state, policy);
    },
    send: () => policies.abortPolicy(bucket),
    isDone: (policy) => policy?.id !== id,
    mayRepeat: (error) => error.code === 'THROTTLED',
    comment(policy, wasAccepted) {
      if (policy === undefined) return undefined;
      if (!wasAccepted) throw replaced({ target }, id, state, policy);
      return `policy ${id} is gone, and somebody has begun another one: ${inWords(policy)}`;
    },
  };
}

const replaced = (
  { target }: Pick<Work, 'target'>,
  id: BucketPolicy['id'],
  state: string,
  policy: BucketPolicy | undefined,
): HoldfastError =>
  failure('CHANGED_MEANWHILE', {
    target,
    before: `policy ${id}, ${state}`,
    after: inWords(policy),
  });

const inWords = (policy: BucketPolicy | undefined): string =>
  policy === undefined
    ? 'without policy'
    : `policy ${policy.id}, ${policy.state}, ${quantity(policy.days, 'day')}`;

async function make(work: Work, step: Step): Promise<Applied> {
  const { clock, bucket, until, onSend } = work;
  for (let attempt = 1; ; attempt++) {
    await step.fence?.();
    if (until !== undefined && clock.now() >= until) throw failure('TIME_RAN_OUT', { bucket });
    onSend?.();
    const sent = await settle(step.send());
    if (!('error' in sent)) return await confirm(work, step, sent.value);
    const { error } = sent;
    const done = await salvage(work, step, error);
    if (done !== undefined) return done;
    if (attempt === writeAttempts || !(error instanceof HoldfastError) || !step.mayRepeat(error)) throw error;
    if (until !== undefined && clock.now().getTime() + writePauseMs >= until.getTime()) throw error;
    await clock.sleep(writePauseMs);
  }
}

const settle = <Value>(call: Promise<Value>) =>
  call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

const writeAttempts = 3;
const writePauseMs = 400;

const applied = (
  policy: BucketPolicy | undefined,
  requestId: string | undefined,
  note: string | undefined,
): Applied => ({ sent: true, requestId, policy, ...(note === undefined ? {} : { note }) });

/** Reads back what the service has accepted. */
async function confirm(work: Work, step: Step, receipt: Receipt): Promise<Applied> {
  const { policies, clock, bucket, target } = work;
  const { operation, isDone, comment } = step;
  if (!receipt.sent) return { sent: false, requestId: receipt.requestId, policy: undefined };
  const read = await settle(
    readBack(
      clock,
      () => policies.getPolicy(bucket),
      (policy) => isDone(policy, receipt),
    ),
  );
  if ('error' in read) {
    const reason = `it was accepted, and reading it back failed: ${inOneLine(read.error)}`;
    throw unknown(work, step, reason, read.error);
  }
  const { value: policy, verified } = read.value;
  if (verified) return applied(policy, receipt.requestId, comment?.(policy, true));
  throw failure('NOT_VERIFIED', { operation, target, found: inWords(policy) });
}

const unknown = ({ target }: Work, { operation }: Step, reason: string, cause: unknown): HoldfastError =>
  failure('OUTCOME_UNKNOWN', { operation, target, reason }, { cause });

/**
 * Finds out what a failed call has brought about all the same.
 * @returns undefined: nothing
 * @throws the error itself, or OUTCOME_UNKNOWN where it may hide a success, when the policy cannot be read
 */
async function salvage(work: Work, step: Step, error: unknown): Promise<Applied | undefined> {
  const policy = await work.policies.getPolicy(work.bucket).catch(() => {
    throw mayHideSuccess(error) ? unknown(work, step, inOneLine(error), error) : error;
  });
  if (!step.isDone(policy)) return undefined;
  const requestId = error instanceof HoldfastError ? error.reply.requestId : undefined;
  const why = error instanceof Error ? error.message : String(error);
  const note = `the call failed, the policy is as wanted: ${why}`;
  return applied(policy, requestId, step.comment?.(policy, false) ?? note);
}

/** The service says of a throttled call that it did not begin. */
const mayHideSuccess = (error: unknown): boolean =>
  error instanceof HoldfastError && error.transient && error.code !== 'THROTTLED';
