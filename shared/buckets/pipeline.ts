import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { applyChange } from './apply.ts';
import { isUrgentUnapproved } from './approval.ts';
import type { ObservedBucket } from './observe.ts';
import { observeBucket } from './observe.ts';
import { type BucketDeps, type BucketOutcome, mostUrgentFirst } from './run.ts';
import type { BucketSubject, FailedBucket } from './subjects.ts';
import { type BucketChange, isChange } from './types.ts';

/** This is what became of the subjects; each is in exactly one of the two lists. */
export interface PipelineResult {
  readonly outcomes: readonly BucketOutcome[];
  readonly troubles: readonly FailedBucket[];
}

/** Buckets that are worked on at once. Requests are paced below, at the storage port. */
export const lanes = 64;

/**
 * Observes the buckets in this order and makes the changes that are due, side by side: the most urgent change that is known
 * is made as soon as it is known. While buckets are left to be observed, half of the lanes are kept for that, since one of
 * them may be more urgent still.
 *
 * A change that nobody else has approved is not made where the rules ask for that.
 *
 * Returns at `until` at the latest, also when a request hangs. What was not begun by then is told as TIME_RAN_OUT, and a
 * change that was sent and not settled as OUTCOME_UNKNOWN.
 */
export async function runPipeline(
  deps: BucketDeps,
  subjects: readonly BucketSubject[],
  until: Date,
): Promise<PipelineResult> {
  const { storage, clock } = deps;
  const jobs = subjects.map((subject): Job => ({ subject }));
  const unseen = jobs.toReversed(); // the next one last
  const due: Due[] = []; // the most urgent one last
  const busy = { reading: 0, writing: 0 };

  const look = async (job: Job): Promise<void> => {
    const { bucket, rule } = job.subject;
    try {
      const surveyed = await observeBucket(deps, job.subject, until);
      job.surveyed = surveyed;
      if (isChange(surveyed.decision)) enqueue(due, { job, surveyed, change: surveyed.decision });
      else job.result = surveyed;
    } catch (error) {
      job.result = { bucket, rule: rule.name, error };
    }
  };
  const make = async ({ job, surveyed, change }: Due): Promise<void> => {
    const onSend = () => {
      job.sent = change.action;
    };
    try {
      const answer = (await deps.gate?.(surveyed.bucket, change)) ?? { kind: 'free' };
      if (answer.kind === 'refused') {
        const { why, error } = answer;
        const isUrgent = isUrgentUnapproved(surveyed, clock.now());
        job.result = { ...surveyed, error, unapproved: { why, isUrgent } };
        return;
      }
      const applied = await applyChange(storage, clock, surveyed.bucket, change, { until, onSend });
      job.result = { ...surveyed, applied, ...(answer.kind === 'approved' && { approval: answer.approval }) };
    } catch (error) {
      job.result = { ...surveyed, error };
    }
  };

  /** Takes what is to be done next; half of the lanes are left to reading while there is something to read. */
  const take = (): { readonly kind: keyof typeof busy; work(): Promise<void> } | undefined => {
    const change = busy.writing < lanes / 2 || unseen.length === 0 ? due.pop() : undefined;
    if (change !== undefined) return { kind: 'writing', work: () => make(change) };
    const job = unseen.pop();
    return job && { kind: 'reading', work: () => look(job) };
  };
  const isOpen = () => busy.reading + busy.writing < lanes && clock.now() < until;
  const all = new Promise<void>((resolve) => {
    const begin = (): void => {
      for (let next = isOpen() ? take() : undefined; next; next = isOpen() ? take() : undefined) {
        const { kind, work } = next;
        busy[kind] += 1;
        void work().then(() => {
          busy[kind] -= 1;
          begin();
        });
      }
      if (busy.reading + busy.writing === 0) resolve();
    };
    begin();
  });
  await Promise.race([all, clock.sleep(Math.max(0, until.getTime() - clock.now().getTime()))]);

  const outcomes: BucketOutcome[] = [];
  const troubles: FailedBucket[] = [];
  for (const result of jobs.map((job) => resultOf(storage.cloud, job))) {
    if ('decision' in result) outcomes.push(result);
    else troubles.push(result);
  }
  return { outcomes, troubles };
}

/** One bucket on its way. */
interface Job {
  readonly subject: BucketSubject;
  surveyed?: ObservedBucket;
  /** The change that was sent, from then on. */
  sent?: BucketChange['action'];
  result?: BucketOutcome | FailedBucket;
}

/** A change that waits for a lane. */
interface Due {
  readonly job: Job;
  readonly surveyed: ObservedBucket;
  readonly change: BucketChange;
}

function enqueue(due: Due[], one: Due): void {
  let [low, high] = [0, due.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = due[middle];
    if (other !== undefined && mostUrgentFirst(other.surveyed, one.surveyed) > 0) low = middle + 1;
    else high = middle;
  }
  due.splice(low, 0, one);
}

function resultOf(cloud: CloudName, { subject, surveyed, sent, result }: Job): BucketOutcome | FailedBucket {
  const { bucket, rule } = subject;
  if (result !== undefined) return result;
  const error = sent === undefined ? timeRanOut(bucket) : cutOff(cloud, bucket, sent);
  return surveyed === undefined ? { bucket, rule: rule.name, error } : { ...surveyed, error };
}

const timeRanOut = (bucket: string): HoldfastError => failure('TIME_RAN_OUT', { bucket });

const cutOff = (cloud: CloudName, bucket: string, operation: string): HoldfastError =>
  failure('OUTCOME_UNKNOWN', {
    operation,
    target: formatAddress(cloud, { bucket }),
    reason: 'the time of the run was over while it was under way',
  });
