import type { AuditRecord } from '../../shared/audit/file.ts';
import { type RepairAge, repairAges } from '../../shared/backfill/repair-age.ts';
import { isRepairDue, type ListingRepair, repairByListing } from '../../shared/fan-out/repair-listing.ts';
import { withMatters } from '../../shared/matters/hold-rules.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure, type HoldfastError } from '../../shared/platform/errors.ts';
import { finishBy } from '../../shared/platform/finish-by.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { BucketSummary } from '../../shared/storage/port.ts';
import type { Invocation } from '../invocation.ts';
import { createMattersToRenew } from '../open-matters.ts';
import { workDeadline, workDeps } from '../work.ts';
import { countBy } from './count-by.ts';
import { type BucketFailure, serveDefaultRetention } from './defaults.ts';
import { addEvidence, readEvidence } from './evidence.ts';

/** Requests under way at once. */
const concurrency = 32;

let isPoliciesToldOf = false;

/** This is what became of one bucket. */
type Outcome = RepairAge & { readonly done?: ListingRepair; readonly failed?: unknown };

/**
 * Repairs every bucket of this region that an object rule matches and whose last repair is a day old: all of its versions
 * are listed, looked at, and protected or extended as the rules say. What time does not suffice for goes on in the next run.
 * Before that, it keeps the default retention of buckets in place.
 * @returns how many buckets met with which action
 * @throws RUN_FAILED when a bucket could not be repaired, after all were tried; REPAIR_PLACE_UNSET, and what listing throws
 */
export async function repairBuckets(invocation: Invocation): Promise<Record<string, number>> {
  const { log, clock, rules, storage, deadline: end } = invocation;
  tellOfPolicies(invocation);
  const before = await readEvidence(invocation);
  const buckets: BucketSummary[] = [];
  await finishBy(clock, end, 'the list of buckets', async () => {
    for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  });
  const defaults = await serveDefaultRetention(invocation, buckets);
  const read = createMattersToRenew(invocation);
  const { open, unknown } = await finishBy(clock, end, 'reading the matters', read);
  const concerned = { ...invocation, rules: withMatters(rules, open, storage.holds !== undefined) };
  const ages = await finishBy(clock, end, 'reading the last repairs', () => repairAges(concerned, buckets));
  const deadline = workDeadline(invocation);
  const deps = workDeps(invocation, deadline, { qps: invocation.config.taskQps, concurrency }, read);
  const outcomes: Outcome[] = [];
  for (const age of oldestFirst(ages)) {
    outcomes.push(isRepairDue(age) ? await repairOne(age) : age);
  }

  async function repairOne(age: RepairAge): Promise<Outcome> {
    if (rules.deadLetters === undefined) throw failure('REPAIR_PLACE_UNSET', { what: 'a repair' });
    try {
      return { ...age, done: await repairByListing(deps, rules.deadLetters, age, invocation.config.dryRun) };
    } catch (error) {
      if (deadline.signal.aborted) return { ...age, done: { action: 'goes-on' } };
      return { ...age, failed: error };
    }
  }

  const repairs = outcomes.map((outcome) => logOutcome(invocation, outcome));
  const unread = whatIsLeftOut(rules, unknown);
  const records = [...repairs, ...unread.records, ...defaults.records];
  const counts = countBy([...repairs.map(({ action }) => action), ...defaults.actions]);
  const unrepaired = outcomes.filter((outcome) => outcome.failed !== undefined);
  const failed = [
    ...unrepaired.map(({ bucket, failed: error }) => ({ bucket, says: inOneLine(error) })),
    ...unread.failures,
    ...defaults.failures,
  ];
  const places = [...outcomes, ...unread.failures].map(({ bucket }) => bucket);
  const total = new Set([...places, ...defaults.buckets]).size;
  const failedBuckets = new Set(failed.map(({ bucket }) => bucket)).size;
  const whole = { action: 'run', buckets: total, counts, failed: failedBuckets };
  const acted = outcomes.some(({ done }) => done?.action === 'repair-done' && done.repair.changed > 0);
  addEvidence(invocation, before, { records, run: whole, acted });
  log[failed.length > 0 ? 'error' : 'info'](whole, 'the run is over');
  if (failed.length === 0) return counts;
  const failures = failed.map(({ bucket, says }) => `${bucket}: ${says}`).join('\n');
  throw failure('RUN_FAILED', { failed: failedBuckets, total, failures });
}

/**
 * Tells what the run has not looked for: buckets that no rule has and a matter that cannot be read. They are counted as one, by the bucket of the
 * matters. Why has been logged.
 */
function whatIsLeftOut(
  { audit }: Rules,
  unknown: readonly HoldfastError[],
): { readonly records: readonly AuditRecord[]; readonly failures: readonly BucketFailure[] } {
  const [error] = unknown;
  if (audit === undefined || error === undefined) return { records: [], failures: [] };
  const { bucket } = audit;
  const says = `the open matters are not all known, so buckets that no rule has may have been left out: ${inOneLine(error)}`;
  return {
    records: [{ bucket, action: 'matters-unknown', ...errorFields(error) }],
    failures: [{ bucket, says, error }],
  };
}

/** Said once an instance: the rules that were narrowed to this cloud do not show bucket rules any more. */
function tellOfPolicies({ log, storage }: Invocation): void {
  if (isPoliciesToldOf || storage.policies !== undefined) return;
  isPoliciesToldOf = true;
  log.info(
    {
      action: 'policies-not-offered',
      reason: 'OBS offers no WORM policies of buckets: rules under `buckets` count on OSS only',
    },
    'policies not offered',
  );
}

/** A bucket that was never repaired comes first. */
const oldestFirst = (ages: readonly RepairAge[]): RepairAge[] =>
  ages.toSorted((one, other) => (other.ageHours ?? Infinity) - (one.ageHours ?? Infinity) || 0);

function logOutcome({ log }: Invocation, { bucket, repair, ageHours, error, done, failed }: Outcome) {
  if (failed !== undefined) {
    const record = { bucket, action: 'failed', ageHours, ...errorFields(failed) };
    log.error(record, 'not repaired');
    return record;
  }
  if (done?.action === 'repair-done') {
    const { versions, changed, failed: unprotected, gone } = done.repair;
    const record = { bucket, action: 'repair-done', versions, changed, failed: unprotected, gone };
    log[unprotected > 0 ? 'error' : 'info'](record, 'the repair is over');
    return record;
  }
  const completedAt = repair && formatInstant(repair.completedAt);
  const action = done === undefined ? 'repaired' : done.action;
  const record = {
    bucket,
    action,
    completedAt,
    ageHours,
    ...(error === undefined ? {} : errorFields(error)),
  };
  log.info(record, done === undefined ? 'the last repair' : 'the repair goes on in the next run');
  return record;
}
