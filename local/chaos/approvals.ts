import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { day } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { heldRetention } from '../plain-client.ts';
import { type Act, backlogBucket, byHandBucket, drawProtect, drawRetain, type Seen } from './acts.ts';
import { createApproving, type Mood, subjectsOf } from './approving.ts';
import type { Difference } from './compare.ts';
import { createDisposals } from './disposals.ts';
import type { Draw } from './draw.ts';
import { type GivenApproval, type Happening, readLedger, wasApproved } from './ledger.ts';
import type { ChaosOptions } from './options.ts';
import { principalOf, type Workshop } from './people.ts';
import { checkApprovedPolicy, type PolicyBucket } from './policies.ts';
import { createPolicyWatch } from './policy-watch.ts';
import { approvalsFolder, evidenceBucket } from './rules-of-run.ts';
import type { ChaosStore } from './store.ts';
import { listVersions } from './versions.ts';
import type { Watch, Weather } from './watch.ts';

/** The part of a run in which people do what somebody else has to approve. */
export interface Approvals {
  /** Makes its buckets. */
  begin(): Promise<void>;
  /** In a storm approvals come or do not come, and commands are killed; in the calm all is approved and done. */
  round(weather: Weather): Promise<void>;
  /** Adds something to do. */
  add(act: Act): void;
  /** Looks whether policies are as they were approved, when all were approved for a day; none is looked at afterwards. */
  endOfPolicies(): Promise<void>;
  /** Lets all be approved and done. */
  settle(): Promise<void>;
  end(): Promise<readonly Difference[]>;
}

/** An act that waits to be done. */
interface Waiting {
  readonly act: Act;
  isDone: boolean;
  tries: number;
  /** A plan that is to be approved in a later round. */
  later: string | undefined;
}

const actsARound = 3;
const triesInTheEnd = 4;
/** An act that can never be done is given up after so many tries. */
const triesInVain = 3;
const applyRate = 0.4;
const planRate = 0.8;
/** The longest that the rules allow. */
const capYears = 20;

export function createApprovals(
  cloud: Cloud,
  store: ChaosStore,
  workshop: Workshop,
  draw: Draw,
  { approvals: most }: Pick<ChaosOptions, 'approvals'>,
  watch: Watch,
  policies: () => readonly PolicyBucket[],
): Approvals {
  const waiting: Waiting[] = [];
  const happened: Happening[] = [];
  const found: Difference[] = [];
  /** The instants at which the operator has written retention since the last look, by version. */
  let written = new Map<string, number>();
  let weatherNow: Weather = 'calm';
  let begun = 0;
  let policiesEnded = false;
  const folder = dirname(workshop.rules);
  const takeCalls = () => watch.takeRequests(store, weatherNow);
  const approving = createApproving(cloud, store, workshop, draw, join(folder, 'plans'), () => {
    watch.approvals.refused += 1;
  });
  const disposals = createDisposals(cloud, store, approving, draw, folder);
  const policyWatch = createPolicyWatch(store.url, policies, () => cloud.time.now(), takeCalls);

  watch.listen(({ principal, operation, bucket, key, versionId, time }) => {
    const at = Date.parse(time);
    const by = principal === principalOf('operator') ? 'operator' : '';
    if (operation === 'CompleteBucketWorm') policyWatch.noteCall(bucket, by, 'lock', at);
    if (operation === 'ExtendBucketWorm') policyWatch.noteCall(bucket, by, 'extend', at);
    if (by === '' || operation !== 'PutObjectRetention' || bucket === evidenceBucket) return;
    written.set(`${bucket} ${key} ${versionId}`, written.get(`${bucket} ${key} ${versionId}`) ?? at);
    if (bucket === byHandBucket) happened.push(retentionTried(key, at));
  });
  watch.listenToTimer((at) => policyWatch.noteTimerRun(at));

  const look = async (one: Waiting): Promise<Seen> => {
    takeCalls();
    const times = [...written.values()].sort((a, b) => a - b);
    const seen = await one.act.look(times);
    happened.push(...seen.happened);
    one.isDone = seen.isDone;
    if (seen.isDone && one.act.isHopeless) found.push({ kind: 'over the cap', what: one.act.what });
    return seen;
  };
  const planOf = async (act: Act, weather: Weather): Promise<string | undefined> =>
    approving.keepPlan((await approving.run('operator', act.plan, weather)).stdout);

  /** Lets an act be approved, or not, and tries it. */
  const attempt = async (one: Waiting, mood: Mood, weather: Weather) => {
    if (one.later !== undefined) {
      await approving.approve(one.later, 'approved', weather);
      one.later = undefined;
    } else if (mood !== 'none') {
      const plan = await planOf(one.act, weather);
      if (mood === 'late') one.later = plan;
      else if (plan !== undefined) await approving.approve(plan, mood, weather);
    }
    // One that is soon over is over by the next round.
    if (mood === 'soon over') return;
    one.tries += 1;
    takeCalls();
    written = new Map();
    await approving.run('operator', one.act.command, weather);
    await look(one);
  };
  const beginOne = async () => {
    begun += 1;
    const act = draw.chance(0.5)
      ? await drawRetain(draw, store, begun, cloud.time.now())
      : await drawProtect(draw, store, begun);
    add(act);
  };
  const add = (act: Act) => {
    waiting.push({ act, isDone: false, tries: 0, later: undefined });
  };
  const settle = async () => {
    for (const one of open())
      for (let count = 0; count < triesInTheEnd && !one.isDone; count += 1)
        await attempt(one, 'approved', 'calm');
  };
  const open = () =>
    waiting.filter(({ isDone, act, tries }) => !isDone && !(act.isHopeless && tries >= triesInVain));

  const roundOfPolicies = async (mood: Mood, weather: Weather) => {
    if (!store.hasPolicies || policiesEnded) return;
    const plan = approving.newFile();
    const { stdout } = await approving.run('operator', ['plan', '--out', plan], weather);
    if (subjectsOf(stdout).length === 0) return;
    if (mood !== 'none' && mood !== 'late') await approving.approve(plan, mood, weather);
    if (draw.chance(applyRate)) await approving.run('operator', ['apply', plan, '--yes'], weather);
  };

  return {
    async begin() {
      for (const bucket of [byHandBucket, backlogBucket]) await store.createRetentionBucket(bucket);
    },
    add,
    async round(weather) {
      weatherNow = weather;
      const mood = () => (weather === 'calm' ? 'approved' : approving.drawMood());
      if (!policiesEnded) await policyWatch.look();
      if (weather === 'calm' || draw.chance(planRate)) await roundOfPolicies(mood(), weather);
      // What is begun in the calm is approved and done at once, and shows nothing.
      for (let count = 0; weather === 'storm' && count < actsARound && begun < most; count += 1)
        await beginOne();
      for (let count = 0; count < actsARound && open().length > 0; count += 1)
        await attempt(draw.pick(open()), mood(), weather);
      await disposals.round(mood(), weather);
      if (!policiesEnded) await policyWatch.look();
      watch.progress(() => `${begun} of ${most} acts begun, ${open().length} not done`);
    },
    async endOfPolicies() {
      weatherNow = 'calm';
      await policyWatch.look();
      policiesEnded = true;
      const inVain = policyWatch.approvedInVain(await validLedger(), cloud.time.now().getTime());
      found.push(...inVain.map((what): Difference => ({ kind: 'approved in vain', what })));
      found.push(...(await policiesWrong()));
    },
    settle,
    async end() {
      while (begun < most) await beginOne();
      await settle();
      for (const { act } of open())
        if (!act.isHopeless) found.push({ kind: 'approved in vain', what: act.what });
      found.push(...(await disposals.end()), ...(await overCaps()));
      takeCalls();
      const ledger = await validLedger();
      const all = [...happened, ...policyWatch.happenings()];
      for (const each of all)
        if (!wasApproved(ledger, each)) found.push({ kind: 'not approved', what: toldAs(each) });
      watch.approvals.given = ledger.length;
      watch.approvals.happened = all.length;
      watch.approvals.done = waiting.filter(({ isDone }) => isDone).length;
      watch.approvals.certified = disposals.certified();
      return found;
    },
  };

  async function validLedger(): Promise<readonly GivenApproval[]> {
    const ledger = await readLedger(
      store.client(evidenceBucket),
      evidenceBucket,
      approvalsFolder,
      approving.takenBack,
    );
    return ledger.filter(({ key }) => !approving.forged.has(key));
  }

  /** Nothing is kept beyond the cap, whoever has approved it. */
  async function overCaps(): Promise<Difference[]> {
    const latest = cloud.time.now().getTime() + capYears * 366 * day;
    const over: Difference[] = [];
    for (const bucket of [byHandBucket, backlogBucket]) {
      const client = store.client(bucket);
      await pLimit(8).map(await listVersions(client), async ({ name, versionId }) => {
        const held = await heldRetention(client, name, versionId);
        if (held !== undefined && held.until.getTime() > latest)
          over.push({ kind: 'over the cap', what: `${bucket}/${name} until ${held.until.toISOString()}` });
      });
    }
    return over;
  }

  async function policiesWrong(): Promise<Difference[]> {
    const wrong: (string | undefined)[] = [...policyWatch.untimely()];
    for (const subject of policies())
      wrong.push(await checkApprovedPolicy(store.url, subject, cloud.time.now()));
    return wrong.flatMap((what) => (what === undefined ? [] : [{ kind: 'policies wrong', what }]));
  }
}

const retentionTried = (key: string, at: number): Happening => ({
  what: `a call to retain ${byHandBucket}/${key}`,
  by: 'operator',
  times: [at],
  covers: (act) => act.act === 'retain' && act['bucket'] === byHandBucket && act['key'] === key,
});

const toldAs = ({ what, by, times }: Happening): string =>
  `${what}, by ${by || 'the timer'}, at ${times.map((time) => new Date(time).toISOString()).join(', ') || 'no instant'}`;
