import { defaultInWords } from '../../shared/defaults/record.ts';
import { type SeenDefault, surveyDefaults } from '../../shared/defaults/run.ts';
import { describeDefault } from '../../shared/objects/default-retention.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { BucketSummary } from '../../shared/storage/port.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { color, describeError, objectUrl, prose } from '../terminal/output.ts';

/** One bucket's default retention, and what the timer will do about it. */
export interface PlannedDefault {
  readonly bucket: string;
  readonly rule: string;
  readonly action: SeenDefault['decision']['action'];
  readonly problem?: string;
  readonly defaultRetention?: string;
  readonly previousDefault?: string;
  readonly reason: string;
}

/** This is what the rules under `defaults` lead to. */
export interface PlannedDefaults {
  readonly buckets: readonly PlannedDefault[];
  readonly errors: readonly { readonly bucket: string; readonly error: ReturnType<typeof describeError> }[];
}

/** Looks at the default retention of the buckets of the rules; undefined where the rules ask for none. Nothing is written. */
export async function plannedDefaults(cloud: Cloud, rules: Rules): Promise<PlannedDefaults | undefined> {
  if (rules.defaults.length === 0) return undefined;
  const buckets: BucketSummary[] = [];
  for await (const bucket of cloud.storage.listBuckets()) buckets.push(bucket);
  const { surveyed, troubles } = await surveyDefaults({ ...cloud, rules }, buckets);
  return {
    buckets: surveyed.map(plannedDefault),
    errors: troubles.map(({ bucket, error }) => {
      if (error instanceof HoldfastError) return { bucket, error: describeError(error) };
      throw error;
    }),
  };
}

/** Writes down what was seen of one bucket. */
export function plannedDefault({ bucket, rule, decision }: SeenDefault): PlannedDefault {
  const { action } = decision;
  return {
    bucket,
    rule: rule.name,
    action,
    ...(action === 'report' && { problem: decision.problem }),
    ...(action === 'set-default' && { defaultRetention: describeDefault(decision.retention) }),
    ...('before' in decision &&
      decision.before !== undefined && { previousDefault: describeDefault(decision.before) }),
    reason: defaultInWords(rule, decision),
  };
}

/** Says what the timer will do, in words. */
export function plannedDefaultInWords({ action, problem, defaultRetention, reason }: PlannedDefault): string {
  if (action === 'set-default')
    return `default retention ${defaultRetention}, put by the timer in its next run: ${reason}`;
  return action === 'report' ? `default retention, ${problem}: ${reason}` : `default retention: ${reason}`;
}

/** Returns a line for each bucket. */
export function defaultLines(cloud: CloudName, planned: PlannedDefaults | undefined): readonly string[] {
  if (planned === undefined) return [];
  return [
    ...planned.buckets.map((each) => prose(`${objectUrl(cloud, each)}: ${plannedDefaultInWords(each)}`)),
    ...planned.errors.map(({ bucket, error }) =>
      prose(`${objectUrl(cloud, { bucket })}: ${color.red(`${error.code}:`)} ${error.message}`),
    ),
  ];
}

/** Tells whether a bucket could not be looked at, or waits for a person; buckets of other regions are for other plans. */
export const defaultsNeedAttention = (planned: PlannedDefaults | undefined): boolean =>
  planned?.errors.some(({ error }) => error.code !== 'BUCKET_ELSEWHERE') ?? false;

/** Tells whether the timer has something to put. */
export const defaultsWillChange = (planned: PlannedDefaults | undefined): boolean =>
  planned?.buckets.some(({ action }) => action === 'set-default') ?? false;

/** Tells whether the default retention of a bucket waits for a person. */
export const defaultsNeedPerson = (planned: PlannedDefaults | undefined): boolean =>
  planned?.buckets.some(({ action, problem }) => action === 'report' && problem !== 'default-longer') ??
  false;
