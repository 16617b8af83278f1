import type { Command } from 'commander';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import { mattersOpenOrFail } from '../../shared/disposition/open-matters.ts';
import type { DispositionPlan } from '../../shared/disposition/plan.ts';
import { type AskHold, holdQuestion } from '../../shared/holds/legal-hold.ts';
import { readMattersIn } from '../../shared/matters/read-loaded.ts';
import type { Matters } from '../../shared/matters/state.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { keepHeapSmall } from '../../shared/platform/memory.ts';
import type { ObjectPrefix, Rules } from '../../shared/rules/types.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import type { BucketPolicy, ObjectStore } from '../../shared/storage/port.ts';
import {
  type Cloud,
  type CloudOptions,
  connect,
  type RulesOptions,
  readRules,
} from '../options/cloud-options.ts';
import { usage } from '../options/usage.ts';
import { isStop, stopOnInterrupt } from '../terminal/interrupt.ts';
import { note, type Report, showUnder } from '../terminal/output.ts';
import { type ProgressLine, progressLine } from '../terminal/progress.ts';
import { type Evidence, evidenceOf } from '../world/evidence.ts';

export interface DispositionOptions extends RulesOptions {
  readonly json?: boolean;
  readonly concurrency: number;
  readonly qps?: number;
  /** It is known in order to be refused. */
  readonly allRegions?: boolean;
}

/** This is what each operation of disposition works with. */
export interface DispositionWorld extends Cloud {
  /** It lets no write through: only evidence is written, by {@link DispositionWorld.evidence}. */
  readonly storage: ObjectStore;
  readonly askHold: AskHold;
  /** Reads the WORM policy of a bucket, once. */
  readonly policyOf: (bucket: string) => Promise<BucketPolicy | undefined>;
  readonly rules: Rules;
  /** The folder of the evidence. */
  readonly place: ObjectPrefix;
  readonly evidence: Evidence;
  /** All matters, as they were when the world was opened. */
  readonly matters: Matters;
}

/** The lists to delete with are of one region, as the tools are that delete. */
const ofOneRegion =
  'a plan of disposition is of one region: leave out --all-regions, and make, approve and certify one plan for each --region, in a folder of its own';

/**
 * Opens it, and reads the matters.
 * @throws USAGE with --all-regions, EVIDENCE_UNSET, MATTER_MALFORMED while nobody knows what an open matter has, and what reading the rules and connecting throw
 */
export async function openDispositionWorld(options: DispositionOptions): Promise<DispositionWorld> {
  if (options.allRegions === true) throw usage(ofOneRegion);
  const rules = await readRules(options);
  const { audit: place, cloud } = rules;
  if (place === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'disposition' });
  const pace = createPace({
    clock: systemClock,
    concurrency: options.concurrency,
    qps: options.qps,
    readsFirst: true,
  });
  const connected = await connect(options, (each) => pace.around(each));
  const storage = readOnly(connected.storage, () => undefined);
  // The clock follows the service from its first reply on, so whoever looks at the time does it after this.
  const matters = mattersOpenOrFail(await readMattersIn(place, storage, { withoutPasses: true }));
  return {
    ...connected,
    storage,
    askHold: holdQuestion(storage),
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

/**
 * Refuses a plan of another cloud or region than the command serves, before anything is asked there.
 * @throws USAGE
 */
export function refuseElsewhere(
  plan: DispositionPlan,
  { cloud, region }: CloudOptions,
  folder: string,
): void {
  if (plan.cloud === cloud && plan.region === region) return;
  const reason =
    `the plan in ${folder} is of ${plan.cloud} in ${plan.region}, and this command serves ${cloud} in ${region}: ` +
    `name --cloud ${plan.cloud} --region ${plan.region}`;
  throw usage(reason);
}

/** This is how an operation is stopped, and how it tells how far it is. */
export interface DispositionRun {
  /** Aborted by Ctrl-C: nothing new is looked at then. The second time the program ends at once. */
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
  /** Lets Ctrl-C end the program at once from now on, since a person is asked. */
  asking(): void;
}

/**
 * Runs an operation of disposition that Ctrl-C stops, and prints its report.
 * @param says what there is when it was stopped
 */
export async function runDisposition(
  command: Command,
  says: string,
  work: (run: DispositionRun) => Promise<Report>,
): Promise<void> {
  keepHeapSmall(); // before the list of a plan is read, which has a line for each version
  const { signal, restore: asking } = stopOnInterrupt();
  const line = progressLine(systemClock);
  try {
    const report = await work({ signal, line, asking }).finally(() => line.end());
    showUnder(command, report);
  } catch (error) {
    const isStopped = isStop(signal, error);
    if (isStopped || (error instanceof HoldfastError && error.transient))
      note(`${isStopped ? 'interrupted: ' : ''}${says}`);
    if (!isStopped) throw error;
    process.exitCode = 130;
  }
}
