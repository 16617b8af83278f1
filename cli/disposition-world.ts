import { mattersOpenOrFail } from '../shared/disposition/open-matters.ts';
import type { DispositionPlan } from '../shared/disposition/plan.ts';
import { readMatters } from '../shared/matters/read.ts';
import { parseMatterRecord } from '../shared/matters/record.ts';
import type { Matters } from '../shared/matters/state.ts';
import { failure } from '../shared/platform/errors.ts';
import type { ObjectPrefix, Rules } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import { holdsOf } from '../shared/storage/holds.ts';
import type { BucketPolicy, LegalHolds, ObjectStore } from '../shared/storage/port.ts';
import { type Cloud, connect, type RulesOptions, readRules } from './cloud-options.ts';
import { type Evidence, evidenceOf } from './evidence.ts';

export interface DispositionOptions extends RulesOptions {
  readonly json?: boolean;
  readonly concurrency: number;
}

/** This is what each operation of disposition works with. */
export interface DispositionWorld extends Cloud {
  /** It lets no write through: only evidence is written, by {@link DispositionWorld.evidence}. */
  readonly storage: ObjectStore;
  readonly holds: LegalHolds;
  /** Reads the WORM policy of a bucket, once. */
  readonly policyOf: (bucket: string) => Promise<BucketPolicy | undefined>;
  readonly rules: Rules;
  /** The folder of the evidence. */
  readonly place: ObjectPrefix;
  readonly evidence: Evidence;
  /** All matters, as they were when the world was opened. */
  readonly matters: Matters;
}

/**
 * Opens it, and reads the matters.
 * @throws EVIDENCE_UNSET, MATTER_MALFORMED while nobody knows what an open matter has, and what reading the rules and connecting throw
 */
export async function openDispositionWorld(options: DispositionOptions): Promise<DispositionWorld> {
  const rules = await readRules(options);
  const { audit: place, cloud } = rules;
  if (place === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'disposition' });
  const connected = await connect(options);
  const storage = readOnly(connected.storage, () => undefined);
  const load = () => Promise.resolve(parseMatterRecord);
  // The clock follows the service from its first reply on, so whoever looks at the time does it after this.
  const matters = mattersOpenOrFail(await readMatters({ storage, folder: place, load, withoutPasses: true }));
  return {
    ...connected,
    storage,
    holds: holdsOf(storage),
    policyOf: policiesOnce(storage),
    rules,
    place,
    evidence: evidenceOf('holdfast disposition', { ...connected, rules }),
    matters,
  };
}

function policiesOnce({ policies }: ObjectStore): DispositionWorld['policyOf'] {
  const asked = new Map<string, Promise<BucketPolicy | undefined>>();
  return (bucket) => {
    const known = asked.get(bucket) ?? policies?.getPolicy(bucket) ?? Promise.resolve(undefined);
    asked.set(bucket, known);
    return known;
  };
}

/** @throws DISPOSITION_STALE for a plan of another cloud or region */
export function refuseElsewhere(
  plan: DispositionPlan,
  { rules, region }: DispositionWorld,
  folder: string,
): void {
  if (plan.cloud === rules.cloud && plan.region === region) return;
  const reason = `it is of ${plan.cloud} in ${plan.region}, and this command serves ${rules.cloud} in ${region}`;
  throw failure('DISPOSITION_STALE', { folder, reason });
}
