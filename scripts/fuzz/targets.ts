import { readFileSync } from 'node:fs';
import { parseFile } from '../../shared/audit/parse-file.ts';
import { atStart, progressFormat } from '../../shared/backfill/checkpoint.ts';
import { readManifest } from '../../shared/backfill/inventory/manifest.ts';
import { makePlan, parsePlan } from '../../shared/buckets/plan.ts';
import { readEnvelope } from '../../shared/dead-letters/envelope.ts';
import { letterOf, objectsOf } from '../../shared/dead-letters/letter.ts';
import { readLetter } from '../../shared/dead-letters/read-letter.ts';
import { parseTemplate } from '../../shared/deploy/template.ts';
import { readObjectEvents } from '../../shared/events/object-events.ts';
import { readRequests } from '../../shared/fan-out/request.ts';
import { parseAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { parsePolicy } from '../../shared/ram/policy.ts';
import { addDuration, parseDuration } from '../../shared/rules/duration.ts';
import { loadRules } from '../../shared/rules/load.ts';
import { compilePattern } from '../../shared/rules/pattern.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { parseTagDate } from '../../shared/rules/tag-date.ts';
import { findWarnings } from '../../shared/rules/warnings/index.ts';
import { loadCases } from '../../shared/rules-test/load.ts';
import { refusedByValue, type Target } from './run.ts';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const file = (name: string): string => readFileSync(name, 'utf8');

/** An invariant of a reader does not hold: a fault, never a refusal. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

const event = JSON.stringify({
  events: [
    {
      eventName: 'ObjectCreated:PutObject',
      eventSource: 'acs:oss',
      eventTime: '2026-11-21T10:00:00.000Z',
      eventVersion: '1.0',
      oss: {
        bucket: { name: 'bucket', arn: 'acs:oss:cn-hangzhou:1:bucket' },
        object: { key: 'ledger/a b.parquet', eTag: 'E', size: 1, deltaSize: 1, versionId: 'v' },
        ossSchemaVersion: '1.0',
      },
      region: 'cn-hangzhou',
    },
  ],
});

const cloudEvent = JSON.stringify({
  specversion: '1.0',
  type: 'oss:ObjectCreated:PutObject',
  data: JSON.parse(event).events[0],
});

const envelope = JSON.stringify({
  timestamp: 1_763_719_200_000,
  requestContext: {
    requestId: 'r-1',
    functionArn: 'acs:fc:cn-hangzhou:1:functions/holdfast-object-created',
    condition: 'UnhandledInvocationError',
    approximateInvokeCount: 9,
  },
  requestPayload: event,
  responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
  responsePayload: '{"errorType":"ACCESS_DENIED","errorMessage":"denied"}',
});

const letter = JSON.stringify({
  version: 1,
  id: '0123456789abcdef',
  function: 'holdfast-object-created',
  requestId: 'r',
  failedAt: '2026-11-21T10:00:00.000Z',
  attempts: 9,
  condition: 'c',
  error: { code: 'X', message: 'm', remedy: 'r' },
  payload: event,
});

const evidence = `${JSON.stringify({
  audit: 1,
  writer: 'object-created-0123456789abcdef',
  sequence: 1,
  writtenAt: '2026-11-21T10:00:00Z',
  by: 'object-created',
  records: 1,
})}\n{"action":"protect","bucket":"b"}\n`;

const plan = JSON.stringify(
  makePlan(
    { surveyed: [], troubles: [] },
    rulesFrom(file('rules.yaml'), 'rules.yaml'),
    'cn-hangzhou',
    new Date(0),
  ),
);

const manifest = JSON.stringify({
  creationTimestamp: '1700000000',
  destinationBucket: 'lists',
  fileFormat: 'CSV',
  fileSchema: 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, ObjectType',
  files: [{ MD5checksum: 'f'.repeat(32), key: 'a/data/1.csv.gz', size: 10 }],
  sourceBucket: 'bucket',
  version: '2019-09-01',
});

const progress = progressFormat.text(atStart({ bucket: 'b' }, new Date(0)));

const template = file('s.yaml');

const names = ['ledger/2026/11/a.parquet', '-'.repeat(1024), 'a/'.repeat(500), '😀/é', '', '\ud83d', '\n'];

/** The readers of texts: everything but replies of the service, which come by a socket. */
export const textTargets: readonly Target[] = [
  {
    name: 'durations',
    inputs: ['7y', '1y6mo', '90d', 'P7Y', 'P1Y6M', '26w', '18mo', '20h'],
    words: ['y', 'mo', 'd', 'w', 'h', 'P', 'T', '.', '-', ' ', 'e9'],
    read(bytes) {
      const parsed = parseDuration(textOf(bytes));
      if ('problem' in parsed) return refusedByValue;
      check(Number.isSafeInteger(parsed.months) && parsed.months >= 0, 'months are whole');
      check(Number.isSafeInteger(parsed.ms) && parsed.ms >= 0, 'milliseconds are whole');
      const start = new Date('2028-02-29T12:00:00Z');
      check(addDuration(start, parsed) >= start, 'a duration leads to a date, and never back');
      return parsed;
    },
  },
  {
    name: 'dates in tags',
    inputs: ['2033-01-01', '2033-01-01T10:00:00Z', '2033-01-01T10:00+08:00', '2033-01-01T10:00:00.5'],
    words: ['T', 'Z', '+', '-', ':', '.', 'W', '24', '60', '99', '29', '02', '0000'],
    read(bytes) {
      const date = parseTagDate(textOf(bytes));
      if ('problem' in date) return refusedByValue;
      check(Number.isFinite(date.at.getTime()), 'a date is an instant');
      return date;
    },
  },
  {
    name: 'globs',
    inputs: ['ledger/**', '*-*-*-*-*.json', '{a,b}/[!x]?/**/c', '!tmp/**', 'a/**/b', '[a-z]*', '**.pdf'],
    words: ['*', '**', '?', '[', ']', '{', '}', ',', '!', '/', '\\', '-', '😀'],
    read(bytes) {
      for (const subject of ['key', 'text'] as const) {
        const pattern = compilePattern([textOf(bytes)], subject);
        if ('problem' in pattern) return refusedByValue;
        for (const name of names) check(typeof pattern.matches(name) === 'boolean', 'it matches or not');
      }
      return names;
    },
  },
  {
    name: 'addresses',
    inputs: ['oss://bucket/key', 'obs://bucket/a/b%20c'],
    words: ['oss://', '/', '?', '#', '..'],
    read: (bytes) => parseAddress(textOf(bytes)) ?? refusedByValue,
  },
  {
    name: 'rules',
    inputs: [file('rules.yaml'), '{"version":1,"limits":{"maxRetention":"10y"},"objects":[]}'],
    words: ['retain:', 'match:', 'bucket:', 'tags:', '7y', '- name: x', 'policy:', 'days:', '&a', '*a', '!!'],
    share: 0.15,
    read(bytes) {
      const [yaml, json] = ['rules.yaml', 'rules.json'].map((name) => loadRules(textOf(bytes), name));
      for (const loaded of [yaml, json]) {
        if (loaded?.ok) findWarnings(loaded.rules, new Date('2026-11-21T00:00:00Z'));
        else check(loaded !== undefined && loaded.problems.length > 0, 'a refusal has a reason');
      }
      return yaml?.ok || json?.ok ? yaml : refusedByValue;
    },
  },
  {
    name: 'rules tests',
    inputs: [file('rules.test.yaml')],
    words: ['given:', 'expect:', 'object:', 'tags:', 'until:', 'now:', '- name: x'],
    share: 0.15,
    read(bytes) {
      const loaded = loadCases(textOf(bytes), 'rules.test.yaml');
      if (loaded.ok) return loaded;
      check(loaded.problems.length > 0, 'a refusal has a reason');
      return refusedByValue;
    },
  },
  {
    name: 's.yaml',
    inputs: [template],
    words: [
      '$' + '{env(',
      "'A'",
      ')}',
      '$' + '{vars.x}',
      'triggers:',
      'cronExpression: "* * * * * *"',
      'events:',
    ],
    share: 0.15,
    read: (bytes) => parseTemplate(textOf(bytes), 's.yaml', { environment: {} }),
  },
  {
    name: 'cron',
    inputs: ['0 */15 * * * *', '0 0 4 * * *', 'CRON_TZ=Asia/Shanghai 0 0 4 * * *', '@every 1h'],
    words: ['*', '/', '-', ',', '?', 'L', 'W', '#', '59', '31', 'MON', ' '],
    share: 0.5,
    read(bytes) {
      const cron = `cronExpression: ${JSON.stringify(textOf(bytes))}`;
      const text = template.replace(/cronExpression: .*/, () => cron);
      return parseTemplate(text, 's.yaml', { environment: {} });
    },
  },
  {
    name: 'events',
    inputs: [event, cloudEvent, `[${cloudEvent}]`],
    words: ['"events":', '"oss":', '"key":', 'null', '""', '[]', '{}', '"eventTime":', '"versionId":null'],
    read(bytes) {
      for (const entry of readObjectEvents(bytes)) {
        if ('malformed' in entry) check(entry.malformed !== '', 'a refusal has a reason');
        else check(entry.bucket !== '' && entry.key !== '', 'an event names an object');
      }
    },
  },
  {
    name: 'tasks',
    inputs: ['{"task":"repair","version":1,"manifest":"oss://lists/a/manifest.json","leg":0}', event],
    words: ['"task":', '"protect-shard"', '"check"', '"run":', '"range":', '"folder":', '-1', 'null'],
    read: (bytes) => readRequests(bytes),
  },
  {
    name: 'failed invocations',
    inputs: [envelope],
    words: ['"requestPayload":', '"responsePayload":', 'null', '{}', '[]'],
    read: (bytes) => letterOf(readEnvelope(bytes)),
  },
  {
    name: 'dead letters',
    inputs: [letter],
    words: ['"function":', '"payload":', '"../../x"', '"id":'],
    read: (bytes) => objectsOf(readLetter(textOf(bytes), 'oss://letters/x').payload),
  },
  {
    name: 'evidence',
    inputs: [evidence],
    words: ['"records":', '"previous":', '\n', '"sequence":'],
    read(bytes) {
      const read = parseFile(textOf(bytes));
      if (!('problem' in read)) return read;
      check(read.problem !== '', 'a refusal has a reason');
      return refusedByValue;
    },
  },
  {
    name: 'plans',
    inputs: [plan],
    words: ['"steps":', '"hash":'],
    read: (bytes) => parsePlan(textOf(bytes), 'p'),
  },
  {
    name: 'manifests',
    inputs: [manifest],
    words: ['"files":', '"fileSchema":', '"MD5checksum":', '"size":', 'Key', 'VersionId'],
    read: (bytes) => readManifest(textOf(bytes), 'oss://lists/manifest.json'),
  },
  {
    name: 'checkpoints',
    inputs: [progress],
    words: ['"tally":', '"shard":', '"position":'],
    read(bytes) {
      // Its caller codes whatever the parser throws; what it must never do is to hang or to take nonsense.
      try {
        progressFormat.parse(JSON.parse(textOf(bytes)));
      } catch (cause) {
        check(cause instanceof Error, 'a refusal is an error');
        throw failure('CHECKPOINT_UNUSABLE', { file: 'c', reason: 'r' }, { cause });
      }
    },
  },
  {
    name: 'RAM policies',
    inputs: [file('ram/policy-timer.json'), file('ram/object-created.json')],
    words: ['"Effect":', '"NotAction":', '"Condition":', '"IpAddress":', '"10.0.0.0/8"'],
    read: (bytes) => parsePolicy(textOf(bytes), 'p'),
  },
];
