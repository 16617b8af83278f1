import {
  type BucketFeature,
  type BucketFeatures,
  type BucketPlan,
  type BucketStep,
  bucketFeatures,
  type NamedBuckets,
  planBuckets,
} from '../../shared/init/huawei/bucket-steps.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { defaultsOfBucket, objectRulesOfBucket } from '../../shared/rules/match.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { ObjectStore, Receipt } from '../../shared/storage/port.ts';
import {
  type Cloud,
  connect,
  connectObsSetup,
  type RulesOptions,
  readRules,
} from '../options/cloud-options.ts';
import { usage } from '../options/usage.ts';
import { confirmWord } from '../terminal/confirm.ts';
import { color, describeError, type Report, table } from '../terminal/output.ts';
import { evidenceOf } from '../world/evidence.ts';

/** The options of `holdfast setup --cloud obs`. */
export interface ObsSetupOptions extends RulesOptions {
  readonly enableVersioning?: readonly string[];
  readonly enableObjectWorm?: readonly string[];
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** This is how a step ended. */
type StepOutcome = BucketStep & {
  readonly state: 'done' | 'dry run' | 'failed' | 'not tried';
  readonly error?: unknown;
};

/**
 * Turns versioning and WORM on for the buckets that are named, after a person has agreed, and reads both back. Without a name it tells
 * what the buckets lack that the rules match.
 * @throws NOT_CONFIRMED, USAGE for WORM where versioning is off and was not named, and what looking at a bucket throws
 */
export async function setUpObs(options: ObsSetupOptions): Promise<Report> {
  const rules = await readRules(options);
  const cloud = await connect(options);
  const named: NamedBuckets = {
    versioning: options.enableVersioning ?? [],
    WORM: options.enableObjectWorm ?? [],
  };
  const found = await look(cloud.storage, await bucketsOf(cloud.storage, rules, named));
  const plan = planBuckets(found, named);
  const [impossible] = plan.impossible;
  if (impossible !== undefined) {
    throw usage(
      `WORM of ${addressOf(impossible)} needs versioning, which is off: name it with --enable-versioning too`,
    );
  }
  if (plan.steps.length > 0 && options.yes !== true && options.dryRun !== true) {
    await confirmWord(
      'enable',
      plan.steps.map(({ bucket, feature }) => `enable ${feature} of ${addressOf(bucket)}`).join(', '),
    );
  }
  const outcomes =
    options.dryRun === true ? plan.steps.map(notSent) : await carryOut(plan.steps, cloud, rules, options);
  return report(found, plan, outcomes);
}

const addressOf = (bucket: string): string => formatAddress('obs', { bucket });

const notSent = (step: BucketStep): StepOutcome => ({ ...step, state: 'dry run' });

/** The named buckets, and without a name those that the rules match. */
async function bucketsOf(storage: ObjectStore, rules: Rules, named: NamedBuckets): Promise<string[]> {
  const wanted = [...new Set([...named.versioning, ...named.WORM])];
  if (wanted.length > 0) return wanted;
  const matched: string[] = [];
  for await (const { name } of storage.listBuckets()) {
    const isMatched = objectRulesOfBucket(rules, name).length > 0 || defaultsOfBucket(rules, name).length > 0;
    if (isMatched) matched.push(name);
  }
  return matched.sort();
}

async function look(storage: ObjectStore, buckets: readonly string[]): Promise<BucketFeatures[]> {
  const found: BucketFeatures[] = [];
  for (const bucket of buckets) {
    const versioning = await isOn(storage, { bucket, feature: 'versioning' });
    found.push({ bucket, on: { versioning, WORM: await isOn(storage, { bucket, feature: 'WORM' }) } });
  }
  return found;
}

const isOn = async (storage: ObjectStore, { bucket, feature }: BucketStep): Promise<boolean> =>
  feature === 'versioning'
    ? (await storage.getVersioning(bucket)) === 'Enabled'
    : (await storage.getObjectWorm(bucket)) !== undefined;

/** Each step by itself. After one that failed, the other of its bucket is not tried. */
async function carryOut(
  steps: readonly BucketStep[],
  cloud: Cloud,
  rules: Rules,
  options: ObsSetupOptions,
): Promise<StepOutcome[]> {
  if (steps.length === 0) return [];
  const { storage } = cloud;
  const setup = await connectObsSetup(options);
  const evidence = evidenceOf('holdfast setup', { ...cloud, rules });
  const send: Readonly<Record<BucketFeature, (bucket: string) => Promise<Receipt>>> = {
    versioning: setup.enableVersioning,
    WORM: (bucket) => storage.putObjectWorm(bucket, {}),
  };
  const outcomes: StepOutcome[] = [];
  try {
    for (const step of steps) {
      const isStopped = outcomes.some(({ bucket, state }) => bucket === step.bucket && state === 'failed');
      outcomes.push(isStopped ? { ...step, state: 'not tried' } : await enable(step));
    }
  } finally {
    setup.close();
  }
  return outcomes;

  async function enable(step: BucketStep): Promise<StepOutcome> {
    const { bucket, feature } = step;
    const about = { bucket, action: `enable-${feature.toLowerCase()}`, reason: 'by hand' };
    const work = async () => {
      await send[feature](bucket);
      if (!(await isOn(storage, step)))
        throw failure('NOT_VERIFIED', {
          operation: callOf[feature],
          target: addressOf(bucket),
          found: `${feature} off`,
        });
    };
    try {
      await evidence.of(about, work, () => about);
      return { ...step, state: 'done' };
    } catch (error) {
      return { ...step, state: 'failed', error };
    }
  }
}

function report(
  found: readonly BucketFeatures[],
  { missing }: BucketPlan,
  outcomes: readonly StepOutcome[],
): Report {
  const rows = found.flatMap(({ bucket, on }) =>
    bucketFeatures.map((feature) => {
      const outcome = outcomes.find((each) => each.bucket === bucket && each.feature === feature);
      return [
        addressOf(bucket),
        feature,
        on[feature] ? 'is on' : outcome === undefined ? toDo({ bucket, feature }) : inWords(outcome),
      ];
    }),
  );
  const isFailed = outcomes.some(({ state }) => state === 'failed' || state === 'not tried');
  return {
    text:
      rows.length === 0
        ? 'the rules match no bucket of this account'
        : table(['bucket', 'feature', 'state'], rows),
    json: {
      buckets: found,
      results: outcomes.map(({ error, ...rest }) => ({
        ...rest,
        ...(error === undefined ? {} : { error: describeError(error) }),
      })),
      missing,
    },
    exitCode: isFailed ? 1 : 0,
  };
}

const optionOf: Readonly<Record<BucketFeature, string>> = {
  versioning: '--enable-versioning',
  WORM: '--enable-object-worm',
};

const callOf: Readonly<Record<BucketFeature, string>> = {
  versioning: 'PutBucketVersioning',
  WORM: 'PutBucketObjectLockConfiguration',
};

const toDo = ({ bucket, feature }: BucketStep): string =>
  color.yellow(`still to do: holdfast setup --cloud obs ${optionOf[feature]} ${bucket} (irreversible)`);

function inWords({ state, error, feature }: StepOutcome): string {
  if (state === 'done') return color.green('turned on, and read back');
  if (state === 'dry run') return `dry run: would be turned on; nothing was sent`;
  if (state === 'not tried') return `${feature} was not tried, since the step before it failed`;
  const { code, message, remedy } = describeError(error);
  return color.red(`failed: ${code}: ${message}; what to do: ${remedy}`);
}
