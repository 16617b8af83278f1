import type { ListedVersion } from 'ali-oss';
import pLimit from 'p-limit';
import { formatAddress } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { type HeldRetention, heldRetention } from '../plain-client.ts';
import { type ExpectedAfter, expectedAfter, withGenerations } from './expected.ts';
import { subjectOf } from './letters.ts';
import { checkPolicy } from './policies.ts';
import { clientOf, noteDate, type Sent } from './send.ts';
import type { Storm } from './storm.ts';
import { listVersions } from './versions.ts';
import type { Watch } from './watch.ts';

/** Kinds of differences between what the cloud holds and what the rules ask. */
export const differences = [
  'unprotected',
  'wrong date',
  'shortened',
  'protected without a rule',
  'lost without a word',
  'versions missing or unknown',
  'policies wrong',
  'released early',
  'held too long',
  'deleted by us',
  'not approved',
  'approved in vain',
  'over the cap',
  'storm not as asked',
] as const;

/** One difference, and where. */
export interface Difference {
  readonly kind: (typeof differences)[number];
  readonly what: string;
}

export interface Comparison {
  readonly versions: number;
  readonly kept: number;
  readonly free: number;
  /** Versions that a rule could not have its way with, and that somebody was told of. */
  readonly told: number;
  readonly policies: number;
  readonly found: readonly Difference[];
}

/** This is what else is known of a run: who was told of versions that failed, and what matters may have kept. */
export interface Known {
  readonly letters: ReadonlySet<string>;
  readonly reported: ReadonlySet<string>;
  mayHaveGeneration(sent: Sent): boolean;
  /** Policies are compared elsewhere, with what was approved. */
  readonly policiesNeedApproval: boolean;
}

const readsAtOnce = 16;

/** Reads every version and every policy with the plain client, and compares it with what the rules ask. */
export async function compare(cloud: Cloud, storm: Storm, known: Known, watch: Watch): Promise<Comparison> {
  const unknown = new Map<string, ListedVersion>();
  for (const client of storm.clients.values())
    for (const version of await listVersions(client)) unknown.set(version.versionId, version);

  const limit = pLimit(readsAtOnce);
  const verdicts = await Promise.all(
    storm.sent.map((sent, index) =>
      limit(async () => {
        const version = unknown.get(sent.versionId);
        unknown.delete(sent.versionId);
        watch.progress(() => `${index} of ${storm.sent.length} versions compared`);
        return version ? await judge(cloud, storm, known, sent, version) : [missing(nameOf(storm, sent))];
      }),
    ),
  );
  const found = verdicts.flat().filter((each) => each !== 'kept' && each !== 'free' && each !== 'told');
  const count = (wanted: Verdict) => verdicts.flat().filter((each) => each === wanted).length;
  return {
    versions: storm.sent.length,
    kept: count('kept'),
    free: count('free'),
    told: count('told'),
    policies: storm.policies.length,
    found: [
      ...found,
      ...[...unknown.values()].map(({ name, versionId }) =>
        missing(`uploaded by nobody: ${name} ${versionId}`),
      ),
      ...(known.policiesNeedApproval ? [] : await comparePolicies(cloud, storm, watch)),
    ],
  };
}

type Verdict = Difference | 'kept' | 'free' | 'told';

const missing = (what: string): Difference => ({ kind: 'versions missing or unknown', what });

/** Compares one version; of one that failed, also whether somebody was told. */
async function judge(
  cloud: Cloud,
  storm: Storm,
  known: Known,
  sent: Sent,
  { lastModified, etag }: ListedVersion,
): Promise<Verdict[]> {
  const { bucket, key, versionId } = sent;
  const modified = new Date(lastModified);
  const asked = expectedAfter(sent, modified, cloud.time.now());
  const expected = known.mayHaveGeneration(sent) ? withGenerations(asked, modified) : asked;
  const held = await heldRetention(clientOf(storm.clients, bucket), key, versionId);
  noteDate(sent, held?.until);
  const date = compareDate(expected, held);
  const name = nameOf(storm, sent);
  const difference = (kind: Difference['kind'], why: string): Difference => ({
    kind,
    what: `${name}: ${why}`,
  });
  const verdicts: Verdict[] = [];

  if (sent.shortened) verdicts.push(difference('shortened', 'its date has gone back'));
  if (date === undefined && held !== undefined) verdicts.push('kept');
  else if (date !== undefined) verdicts.push(difference(...date));
  if (!expected.problem && date?.[0] !== 'unprotected') return verdicts.length > 0 ? verdicts : ['free'];
  const isTold = known.reported.has(versionId) || known.letters.has(subjectOf(bucket, key, etag));
  const word: Verdict = isTold
    ? 'told'
    : difference('lost without a word', 'in no dead letter and no report');
  return [...verdicts, word];
}

function compareDate(
  { until, earlier }: ExpectedAfter,
  held: HeldRetention | undefined,
): [kind: Difference['kind'], why: string] | undefined {
  if (held === undefined) return until && ['unprotected', `to be kept until ${formatInstant(until)}`];
  const is = `${held.mode} until ${formatInstant(held.until)}`;
  const dates = [...(until ? [until] : []), ...earlier];
  if (dates.length === 0) return ['protected without a rule', is];
  const isRight = held.mode === 'COMPLIANCE' && dates.some((date) => date.getTime() === held.until.getTime());
  return isRight ? undefined : ['wrong date', `${is} instead of ${dates.map(formatInstant).join(' or ')}`];
}

/** Reads every policy with the plain client, and compares it with what the rules ask at this moment. */
export async function comparePolicies(cloud: Cloud, storm: Storm, watch: Watch): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const subject of storm.policies) {
    const calls = watch.lockCalls.get(subject.bucket);
    const wrong = await checkPolicy(cloud.url, subject, calls, storm.start, cloud.time.now());
    if (wrong !== undefined) found.push({ kind: 'policies wrong', what: wrong });
  }
  return found;
}

function nameOf(
  { cloud }: Pick<Storm, 'cloud'>,
  { bucket, key, versionId, history, upload: { by } }: Sent,
): string {
  const how = typeof by === 'object' ? 'copy' : by;
  return `${formatAddress(cloud, { bucket, key, versionId })} by ${how}, tags ${JSON.stringify(history)}`;
}
