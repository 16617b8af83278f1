import type { OssClient } from 'ali-oss';
import { day, minute } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { type HeldPolicy, heldPolicy, plainClient, tryToDelete } from '../plain-client.ts';
import type { Admin } from './admin.ts';
import { type Expected, type Subject, subjectKey, subjects } from './buckets.ts';
import { type Complaint, complaintsIn, showComplaints } from './complaints.ts';
import { fillSubjects } from './fill.ts';
import { type Check, heading, moment, policyTable, say, spanText } from './report.ts';
import { type Change, nextQuarter, quarter, type Sighting, watch } from './timeline.ts';

const timer = 'holdfast-policy-timer';

/** Initiates policies by hand, lets a day and then five pass, and compares what became of them with the rules. */
export async function showPolicies(url: string, admin: Admin): Promise<Check[]> {
  heading(
    '2. Buckets: a policy for the whole bucket is locked in time',
    'A WORM policy protects every object in a bucket for so many days, but OSS drops it 24 hours after it was ' +
      'initiated unless somebody locks it. The function policy-timer runs every 15 minutes: it locks what the rules ' +
      'accept, and reports the rest.',
  );
  // A minute after a run of the timer, so that none falls between the requests below.
  await admin.setTo(new Date(nextQuarter(await admin.now()).getTime() + minute));
  await requireTimer(admin);
  const start = await admin.now();
  const client = plainClient(url, 'archive-2026');
  const seen = await initiate(client);

  say('Now a day passes in a moment, from one run to the next (clock of the embedded cloud, UTC):\n');
  const changes: Change[] = [];
  const note = (change: Change) => {
    changes.push(change);
    moment(change.at, change.bucket, inWords(change));
  };
  const after = (ms: number) => new Date(start.getTime() + ms);
  const sightings = await watch(client, admin, seen, after(day + 2 * quarter), note);
  const complaints = complaintsIn(await admin.runs(timer));
  showComplaints(complaints);

  say('\nFour more days pass, until the locked policy of backup-db is within 30 days of its end:\n');
  const open = new Map([...seen].filter(([, policy]) => policy?.state !== 'Expired')); // a lapsed policy stays as it is
  await watch(client, admin, open, after(5 * day + 2 * quarter), note);

  say('\nNow somebody tries to delete the object in each bucket:');
  const rows = [];
  for (const subject of subjects) {
    client.useBucket(subject.bucket);
    const deletion = await tryToDelete(client, subjectKey);
    rows.push(judge(subject, start, changes, complaints, sightings, deletion));
  }
  policyTable(rows);
  const runs = await admin.runs(timer);
  return [
    ...rows.map(({ bucket, ok }) => ({ what: `the policy of ${bucket}`, ok })),
    {
      what: 'a run of policy-timer fails only for a policy that a person has to look at',
      ok: runs.every(({ status, logs }) => status === 'succeeded' || complaintsIn([{ logs }]).length > 0),
    },
  ];
}

/** Fails at once when the function cannot work at all, instead of after hundreds of failed runs. */
async function requireTimer(admin: Admin): Promise<void> {
  const run = (await admin.runs(timer)).at(-1);
  if (run?.status === 'succeeded') return;
  throw new Error(`policy-timer does not work: ${run?.error?.errorMessage ?? 'its timer has not fired'}`);
}

/** Makes the buckets with an object in each, and initiates policies by hand. */
async function initiate(client: OssClient): Promise<Map<string, HeldPolicy | undefined>> {
  const seen = new Map<string, HeldPolicy | undefined>();
  await fillSubjects({
    async createBucket(bucket) {
      await client.putBucket(bucket);
    },
    async upload(bucket, { key, body }) {
      client.useBucket(bucket);
      await client.put(key, body);
    },
    async initiatePolicy(bucket, days) {
      await client.initiateBucketWorm(bucket, String(days));
    },
  });
  for (const { bucket, days } of subjects) {
    seen.set(bucket, await heldPolicy(client, bucket));
    say(
      `  ${bucket.padEnd(13)}  ${days === undefined ? 'no policy at all' : `somebody initiates a policy of ${quantity(days, 'day')}`}`,
    );
  }
  say('');
  return seen;
}

function judge(
  subject: Subject,
  start: Date,
  all: readonly Change[],
  complaints: readonly Complaint[],
  sightings: readonly Sighting[],
  deletion: string,
) {
  const { bucket, days, rules } = subject;
  const changes = all.filter((change) => change.bucket === bucket);
  const own = complaints.filter((complaint) => complaint.bucket === bucket);
  const asExpected =
    changes.length === subject.changes.length &&
    subject.changes.every((expected, index) => isAsExpected(expected, changes[index], start));
  const reports = own.map(({ problem, count }) => `reported ${quantity(count, 'time')} (${problem})`);
  return {
    bucket,
    begin: days === undefined ? 'no policy' : `${quantity(days, 'day')}, unlocked`,
    rules,
    happened: [
      ...changes.map(briefly),
      ...reports,
      deletion === 'deleted' ? 'object deleted' : `delete: ${deletion}`,
    ],
    ok: asExpected && isReported(subject, own, sightings) && deletion === subject.deletion,
  };
}

/** The age of a policy; one that Holdfast initiates has its age from the moment when the demo began to wait for it. */
const ageOf = ({ kind, at, policy }: Change, start: Date): number =>
  at.getTime() - (kind === 'initiated' ? start : policy.createdAt).getTime();

function isAsExpected(expected: Expected, change: Change | undefined, start: Date): boolean {
  if (change === undefined) return false;
  const late = ageOf(change, start) - expected.ageMs;
  return (
    change.kind === expected.kind && change.policy.days === expected.days && late >= 0 && late <= quarter
  );
}

/** Every run that saw it open, and every run that saw it lapsed, reports it; and nothing else is reported. */
function isReported(
  { bucket, reported }: Subject,
  own: readonly Complaint[],
  sightings: readonly Sighting[],
): boolean {
  const seenAs = (state: string) =>
    sightings.filter((sighting) => sighting.bucket === bucket && sighting.policy?.state === state).length;
  const wanted = reported ? { mismatch: seenAs('InProgress'), lapsed: seenAs('Expired') } : {};
  const found = Object.fromEntries(own.map(({ problem, count }) => [problem, count]));
  return JSON.stringify(found) === JSON.stringify(wanted);
}

const age = ({ at, policy }: Change): string => spanText(at.getTime() - policy.createdAt.getTime());

function briefly(change: Change): string {
  const { kind, policy, before } = change;
  if (kind === 'extended')
    return `extended ${before?.days} -> ${quantity(policy.days, 'day')} after ${age(change)}`;
  return kind === 'initiated'
    ? `initiated by Holdfast: ${quantity(policy.days, 'day')}`
    : `${kind} after ${age(change)}`;
}

function inWords(change: Change): string {
  const { kind, policy, before } = change;
  switch (kind) {
    case 'initiated':
      return `Holdfast initiates a policy of ${quantity(policy.days, 'day')}`;
    case 'locked':
      return `locked by Holdfast after ${age(change)}: nobody can undo that now`;
    case 'lapsed':
      return `lapsed after ${age(change)}: nobody locked it, its objects can be deleted`;
    case 'extended':
      return `extended by Holdfast after ${age(change)}: ${before?.days} -> ${quantity(policy.days, 'day')}`;
  }
}
