import { day, hour, second } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { createApprovals } from './approvals.ts';
import { type Comparison, compare, comparePolicies, type Difference } from './compare.ts';
import { createDraw } from './draw.ts';
import { lettersOf } from './letters.ts';
import { type ChaosOptions, hasRecords } from './options.ts';
import { passInSteps } from './passing.ts';
import type { Workshop } from './people.ts';
import type { PolicyBucket } from './policies.ts';
import { createRecords } from './records.ts';
import { repair } from './repair.ts';
import { repairedByTimer } from './repair-log.ts';
import { type ChaosStore, chaosStore } from './store.ts';
import { raise, roundsOf } from './storm.ts';
import type { Watch } from './watch.ts';
import { faultsOf, weaknessOf, weatherOf } from './weather.ts';

/** Before 29 February, so that calendar arithmetic meets it. */
export const begin = new Date('2028-02-27T21:00:00Z');

/** Longer than a policy's 24 hours, and than all attempts at an event and its dead letter together. */
const calmMs = 26 * hour;

/** People work so often in a storm. */
const roundsOfPeople = 12;

/** Approvals are given so often in the calm. */
const calmRoundHours = 3;

/** The longest and the shortest storm, in virtual time. */
const longestMs = 30 * hour;
const shortestMs = 3 * hour;

/** Over several instants at which policies have to be extended; none of them is within hours of the landing. */
const jumpMs = 152 * day;
const afterJumpMs = 2 * hour;

/** Raises the storm, lets it calm down, repairs what it left, and compares. The cloud has just begun. */
export async function runChaos(
  cloud: Cloud,
  workshop: Omit<Workshop, 'url'>,
  options: ChaosOptions,
  watch: Watch,
): Promise<{ comparison: Comparison; letters: number }> {
  const store = chaosStore(cloud, options);
  const brew = () => {
    cloud.oss.faults.add(faultsOf(options, store));
    for (const rule of weatherOf(options)) store.runtime.weather.add(rule);
  };
  const calmDown = async (ms: number) => {
    watch.takeRequests(store, 'storm');
    cloud.oss.faults.clear();
    store.runtime.weather.clear();
    for (let passed = 0; passed < ms; passed += hour) {
      await passInSteps(cloud, hour);
      watch.takeRequests(store, 'calm');
      if ((passed / hour) % calmRoundHours === 0) await approvals?.round('calm');
      watch.progress(() => `${passed / hour} of ${ms / hour} hours of calm`);
    }
  };

  watch.enter('the storm');
  brew();
  const spanMs = Math.min(Math.max(options.events * 20 * second, shortestMs), longestMs);
  const draw = createDraw(options.seed);
  let policies: readonly PolicyBucket[] = [];
  const here = { ...workshop, url: store.url };
  const approvals =
    options.approvals > 0
      ? createApprovals(cloud, store, here, createDraw(options.seed + 1), options, watch, () => policies)
      : undefined;
  const records = hasRecords(options)
    ? createRecords(cloud, store, here, draw, options, watch, approvals)
    : undefined;
  let rounds = 0;
  const between = async () => {
    await records?.stormRound();
    if (rounds % roundsWithoutApprovals(options) === 0) await approvals?.round('storm');
    rounds += 1;
  };
  await approvals?.begin();
  const storm = await raise(cloud, store, draw, options, spanMs, watch, between, (drawn) => {
    policies = drawn;
  });
  watch.enter('the calm');
  await calmDown(calmMs);

  const reported = options.repair ? await repairIn(cloud, store, workshop, watch) : new Set<string>();
  watch.enter('the comparison');
  watch.takeRequests(store, 'calm');
  const { count, subjects } = await lettersOf(store);
  const mayHaveGeneration = records?.mayHaveGeneration ?? (() => false);
  const policiesNeedApproval = approvals !== undefined;
  const known = { letters: subjects, reported, mayHaveGeneration, policiesNeedApproval };
  const comparison = await compare(cloud, storm, known, watch);

  if (!store.hasPolicies && records === undefined) {
    const found = [...comparison.found, ...weaknessOf(watch.storm, options)];
    return { comparison: { ...comparison, found }, letters: count };
  }
  watch.enter('the jump');
  brew();
  if (records === undefined) await cloud.time.leap(jumpMs);
  else await records.pass(storm, jumpMs);
  await passInSteps(cloud, afterJumpMs);
  await calmDown(approvals === undefined ? afterJumpMs : calmMs);
  await approvals?.endOfPolicies();
  const afterJump = approvals === undefined ? await comparePolicies(cloud, storm, watch) : [];
  const ofRecords = (await records?.end(storm)) ?? [];
  const ofApprovals = (await approvals?.end()) ?? [];
  watch.takeRequests(store, 'calm');
  const found = [
    ...comparison.found,
    ...afterJump,
    ...ofRecords,
    ...ofApprovals,
    ...deletionsOf(watch),
    ...weaknessOf(watch.storm, options),
  ];
  return { comparison: { ...comparison, found }, letters: count };
}

/** People work a dozen times in a storm, however many rounds it has: each time takes as long as many uploads. */
const roundsWithoutApprovals = ({ events }: ChaosOptions): number =>
  Math.ceil(roundsOf(events) / roundsOfPeople);

/** No function may ask the service to delete anything. */
const deletionsOf = ({ deletions }: Watch): Difference[] =>
  deletions === 0
    ? []
    : [{ kind: 'deleted by us', what: `functions have sent ${deletions} calls that delete` }];

/** On OSS a person repairs by the command line; on OBS the timer has done so in the calm. */
async function repairIn(
  cloud: Cloud,
  { hasPolicies, url }: ChaosStore,
  workshop: Omit<Workshop, 'url'>,
  watch: Watch,
): Promise<Set<string>> {
  return hasPolicies ? await repair({ ...workshop, url }, watch) : repairedByTimer(cloud);
}
