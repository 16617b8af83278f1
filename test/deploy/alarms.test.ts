import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { alarms, alertRule, indexedKeys } from '../../shared/init/account/alarms.ts';
import { hour, minute } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { holdfastCloud } from '../support/holdfast-cloud.ts';
import { evaluateQuery, type LogEntry, meets } from '../support/sls-query.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://letters/failed/
audit: oss://evidence/decisions/
objects:
  - { name: until, match: { bucket: records }, retain: { untilTag: until } }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 365, lock: { after: 20h } } }
`;

async function start(options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await holdfastCloud(rules, options);
  for (const bucket of ['records', 'evidence']) await createRetentionBucket(cloud.url, bucket);
  await plainClient(cloud.url, 'letters').putBucket('letters');
  return cloud;
}

/** What Function Compute writes into the logstore: every line of a function, and the metrics of each request. */
const logstoreOf = (cloud: Cloud): LogEntry[] =>
  cloud.fc.invocations().flatMap(({ function: functionName, logs, status, startedAt }) => [
    ...logs.map((message) => ({ at: timeOf(message), fields: { functionName, message } })),
    {
      at: new Date(startedAt),
      fields: {
        functionName,
        hasFunctionError: String(status !== 'succeeded'),
        __topic__: 'FCRequestMetrics',
      },
    },
  ]);
const timeOf = (line: string): Date => new Date(JSON.parse(line).time);

/** The alarms that the log raises at an instant. */
function raised(entries: readonly LogEntry[], now: Date): string[] {
  return alarms
    .filter(({ query, condition, spanMinutes, everyMinutes, times }) =>
      Array.from({ length: times }, (_, index) => now.getTime() - index * everyMinutes * minute).every(
        (end) => {
          const from = end - spanMinutes * minute;
          const within = entries.filter(({ at }) => at.getTime() > from && at.getTime() <= end);
          return meets(condition, evaluateQuery(query, within));
        },
      ),
    )
    .map(({ name }) => name);
}
const raisedIn = (cloud: Cloud) => raised(logstoreOf(cloud), cloud.time.now());

describe('the alarms', () => {
  it('are quiet while all goes well', async () => {
    const cloud = await start();
    const client = plainClient(cloud.url, 'records');
    await client.put('a', Buffer.from('a'), { headers: { 'x-oss-tagging': 'until=2029-01-01' } });
    await plainClient(cloud.url, 'archive-1').putBucket('archive-1');
    await plainClient(cloud.url, 'archive-1').initiateBucketWorm('archive-1', '365');
    await cloud.advance(2 * hour);
    expect(cloud.fc.invocations().length).toBeGreaterThan(8);
    expect(raisedIn(cloud)).toEqual([]);
  });

  it('tell of an event that failed to the end', async () => {
    const cloud = await start();
    await cloud.advance(hour);
    const client = plainClient(cloud.url, 'records');
    await client.put('a', Buffer.from('a'), { headers: { 'x-oss-tagging': 'until=soon' } });
    await cloud.idle();
    expect(raisedIn(cloud)).toEqual(['holdfast-error', 'holdfast-dead-letter']);
  });

  it('tell of a function that fails for an hour, and not of one that fails for a quarter', async () => {
    const cloud = await start();
    await cloud.advance(hour);
    cloud.oss.faults.add({ operation: 'ListBuckets', effect: { status: 403, code: 'AccessDenied' } });
    await cloud.advance(16 * minute);
    expect(raisedIn(cloud)).not.toContain('holdfast-function-errors');
    await cloud.advance(hour);
    expect(raisedIn(cloud)).toContain('holdfast-function-errors');
  });

  it('tell of a timer that does not run for 45 minutes', async () => {
    let lost = false;
    const cloud = await start({
      deliver: ({ trigger }) => (lost && trigger === 'every-15-minutes' ? [] : [0]),
    });
    await cloud.advance(hour);
    lost = true;
    await cloud.advance(30 * minute);
    expect(raisedIn(cloud)).toEqual([]);
    await cloud.advance(20 * minute);
    expect(raisedIn(cloud)).toEqual(['holdfast-timer-silent']);
  });

  it('tell of a policy that has under two hours to be locked', async () => {
    const cloud = await start();
    const client = plainClient(cloud.url, 'archive-1');
    await client.putBucket('archive-1');
    await client.initiateBucketWorm('archive-1', '10'); // not what the rule accepts, so that nobody locks it
    await cloud.advance(21 * hour);
    expect(raisedIn(cloud)).not.toContain('holdfast-deadline');
    await cloud.advance(hour + 20 * minute);
    expect(raisedIn(cloud)).toContain('holdfast-deadline');
  });

  it('tell of a doctor and an audit that found something, by the line that --log prints', async () => {
    const cloud = await start();
    await plainClient(cloud.url, 'evidence').put('decisions/forged.jsonl', Buffer.from('{}'));
    const cwd = folderWith({ 'rules.yaml': rules, 's.yaml': readFileSync('s.yaml', 'utf8') });
    const env = { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url };
    const entries: LogEntry[] = [];
    for (const command of ['doctor', 'audit']) {
      const { code, stdout } = await runCli([command, '--log'], { cwd, env });
      expect(code).toBe(1);
      const lines = stdout.trim().split('\n');
      expect(lines).toHaveLength(1);
      entries.push(...lines.map((message) => ({ at: timeOf(message), fields: { message } })));
    }
    const now = entries.reduce((latest, { at }) => (at > latest ? at : latest), new Date(0));
    const told = raised(entries, now);
    expect(told).toContain('holdfast-doctor');
    expect(told).toContain('holdfast-audit');
  });

  it('search by keys that the index has, and stay within the limits of the service', () => {
    const keys = [
      ...indexedKeys.ofService,
      ...[...indexedKeys.ofLines.text, ...indexedKeys.ofLines.whole, ...indexedKeys.ofLines.decimal].map(
        (key) => `message.${key}`,
      ),
    ];
    for (const alarm of alarms) {
      for (const [, key = ''] of alarm.query.matchAll(/([\w.]+)(?:: "| [<>] )/g)) expect(keys).toContain(key);
      expect(alarm.condition.length).toBeLessThanOrEqual(128);
      expect(alarm.spanMinutes).toBeLessThanOrEqual(24 * 60);
      expect(alarm.title.length).toBeLessThanOrEqual(64);
    }
    expect(() => evaluateQuery('message.level: error | select 1', [])).toThrow('not understood');
  });

  it('are those of docs/operations.md, in its order', () => {
    const page = readFileSync('docs/operations.md', 'utf8');
    const [, table = ''] = /\| alarm \|.*\n\|.*\n((?:\|.*\n)+)/.exec(page) ?? [];
    const names = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
    expect(names).toEqual(alarms.map(({ name }) => name));
  });

  it('name who is told', () => {
    const place = { project: 'p', logstore: 'functions', region: 'cn-hangzhou', actionPolicy: 'on-call' };
    for (const alarm of alarms) {
      expect(alertRule(alarm, place).configuration.policyConfiguration.actionPolicyId).toBe('on-call');
    }
  });
});
