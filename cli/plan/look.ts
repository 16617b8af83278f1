import { makePlan, type PolicyPlan } from '../../shared/buckets/plan.ts';
import { type BucketSurvey, surveyBuckets } from '../../shared/buckets/run.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { policiesNotOffered } from '../../shared/storage/policies.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';

/** The bucket policies as they are now, and the same written down as a plan. Changes nothing. */
export interface Look {
  readonly survey: BucketSurvey;
  readonly plan: PolicyPlan;
}

/** @throws what listing the buckets throws; one bucket's failure is a trouble in the plan */
export async function look(rules: Rules, cloud: Cloud): Promise<Look> {
  sayWhatIsNotOffered(cloud);
  const seen = await surveyBuckets({ ...cloud, rules });
  return { survey: seen, plan: makePlan(seen, rules, cloud.region, cloud.clock.now()) };
}

/** Says once for each connection, on standard error, that there is nothing to look at where buckets have no policies. */
function sayWhatIsNotOffered({ storage }: Cloud): void {
  if (storage.policies !== undefined || told.has(storage)) return;
  told.add(storage);
  note(policiesNotOffered(storage.cloud));
}

const told = new WeakSet<object>();

/** Tells whether a person has to end what the timer can only report, such as a lapsed policy. */
export const needsPerson = ({ steps }: PolicyPlan): boolean =>
  steps.some(({ decision }) => decision.action === 'report');

/** Tells whether buckets could not be looked at; those of other regions are for other plans. */
export const needsAttention = ({ troubles }: PolicyPlan): boolean =>
  troubles.some(({ code }) => code !== 'BUCKET_ELSEWHERE');
