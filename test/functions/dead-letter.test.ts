import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { contentOf, envelopeOf, idOf, place, placeUrl } from '../support/dead-letters.ts';
import { holdfastCloud, invoke, logOf, objectCreated } from '../support/holdfast-cloud.ts';

const deadLetter = 'holdfast-dead-letter';

const rulesWith = (more: string) => `version: 1
limits: { maxRetention: 10y }
${more}objects:
  - { name: until, match: { bucket: records }, retain: { untilTag: until } }
  - { name: letters, match: { bucket: kept, key: "failed/letters/**" }, retain: 1y }
`;
const rules = rulesWith(`deadLetters: ${placeUrl}\n`);

const lettersKept = async (cloud: Cloud) => (await contentOf(cloud)).map(([, text]) => JSON.parse(text));

describe('an event that failed to the end', () => {
  it('is kept as one object with all that a replay needs, the payload byte for byte', async () => {
    const cloud = await holdfastCloud(rules);
    const client = await createRetentionBucket(cloud.url, 'records');
    await createRetentionBucket(cloud.url, 'kept');
    const headers = { 'x-oss-tagging': 'until=whenever' };
    await client.put('账本/a+b %25.txt', Buffer.from('x'), { headers });
    await cloud.advance(10 * hour);

    const failed = cloud.fc
      .invocations(objectCreated)
      .filter(({ event }) => JSON.stringify(event).includes('b %25'));
    expect(failed).toMatchObject([{ status: 'succeeded', attempt: 1 }]);
    expect(cloud.fc.invocations(deadLetter)).toEqual([]);
    const letters = await lettersKept(cloud);
    expect(letters).toMatchObject([
      {
        version: 1,
        id: idOf(failed[0]?.requestId ?? ''),
        function: objectCreated,
        requestId: failed[0]?.requestId,
        attempts: 1,
        condition: 'PermanentFailure',
        error: {
          code: 'TAG_UNREADABLE',
          message: expect.stringContaining('whenever'),
          remedy: 'correct the tag and repeat the event, or give the rule `otherwise`',
        },
      },
    ]);
    expect(JSON.parse(letters[0].payload)).toEqual(failed[0]?.event);
    const line = failed.flatMap(logOf).at(-1);
    expect(line).toMatchObject({
      level: 'error',
      msg: 'a dead letter',
      action: 'kept',
      id: letters[0].id,
      failedCode: 'TAG_UNREADABLE',
      about: { bucket: 'records', key: '账本/a+b %25.txt' },
    });
  });

  it('is kept whatever its event and its answer are, 5,000 brackets too', async () => {
    const cloud = await holdfastCloud(rules);
    await createRetentionBucket(cloud.url, 'kept');
    const payload = JSON.stringify({ events: [{ eventName: 'broken' }] });
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    await invoke(cloud, deadLetter, envelopeOf({ requestId: 'a', payload }));
    const envelope = JSON.stringify(envelopeOf({ requestId: 'b', payload: deep, response: 'HERE' }));
    const answered = await invoke(cloud, deadLetter, envelope.replace('"HERE"', deep));
    expect(answered.status).toBe('succeeded');
    expect((await lettersKept(cloud)).map((letter) => letter.payload).sort()).toEqual([deep, payload].sort());
  });

  it('lies under a key that sorts by its time, and is retained itself when a rule says so', async () => {
    const cloud = await holdfastCloud(rules);
    const client = await createRetentionBucket(cloud.url, 'kept');
    const payload = '{"triggerTime":"x"}\r\n\u2028 "ü" ';
    expect((await invoke(cloud, deadLetter, envelopeOf({ payload }))).result).toBe('{"kept":1}');
    await cloud.idle();
    const [[key, text] = ['', '']] = await contentOf(cloud);
    expect(key).toBe(`failed/letters/2026/11/21/20261121T100000.123Z-${idOf('request-1')}.json`);
    expect(JSON.parse(text).payload).toBe(payload);
    const { objects = [] } = await client.getBucketVersions({});
    expect(await retainedUntil(client, key, objects[0]?.versionId ?? '')).toBeInstanceOf(Date);
  });

  it('is one dead letter however often its failure is delivered, also where nothing can be overwritten', async () => {
    const cloud = await holdfastCloud(rules);
    const client = plainClient(cloud.url, 'kept');
    await client.putBucket('kept');
    await invoke(cloud, deadLetter, envelopeOf());
    const { wormId } = await client.initiateBucketWorm('kept', '1');
    await client.completeBucketWorm('kept', wormId);
    expect((await invoke(cloud, deadLetter, envelopeOf())).status).toBe('succeeded');
    await invoke(cloud, deadLetter, envelopeOf({ requestId: 'request-2' }));
    expect(await lettersKept(cloud)).toHaveLength(2);
  });

  it('is kept although the first tries to write it fail', async () => {
    const cloud = await holdfastCloud(rules);
    await plainClient(cloud.url, 'kept').putBucket('kept');
    cloud.oss.faults.add({
      operation: 'PutObject',
      times: 2,
      effect: { status: 503, code: 'InternalError' },
    });
    expect((await invoke(cloud, deadLetter, envelopeOf())).status).toBe('succeeded');
    expect(await lettersKept(cloud)).toHaveLength(1);
  });
});

describe('a failure that cannot be kept fails with its code, and stands whole in the log at error level', () => {
  const whole = JSON.stringify(envelopeOf());
  it.each<[what: string, code: string, says: string, event: string, rules?: string]>([
    ['the bucket is missing', 'NO_SUCH_BUCKET', 'bucket oss://kept does not exist', whole],
    ['the rules name no place', 'DEAD_LETTERS_UNSET', 'request-1', whole, rulesWith('')],
    ['the rules are broken', 'RULES_INVALID', 'deadLetter', whole, rulesWith('deadLetter: x\n')],
    ['it is no JSON', 'DEAD_LETTER_MALFORMED', '14 bytes', '{"requestId":1'],
  ])('%s', async (_what, code, says, event, changed = rules) => {
    const cloud = await holdfastCloud(changed);
    const invocation = await invoke(cloud, deadLetter, event);
    expect(invocation.error).toMatchObject({ errorType: code, errorMessage: expect.stringContaining(says) });
    expect(logOf(invocation)).toMatchObject([{ level: 'error', code, envelope: event }]);
  });

  it('a dry run, which succeeds', async () => {
    const cloud = await holdfastCloud(rules, { environment: { HOLDFAST_DRY_RUN: '1' } });
    await plainClient(cloud.url, 'kept').putBucket('kept');
    const invocation = await invoke(cloud, deadLetter, whole);
    expect(logOf(invocation)).toMatchObject([{ level: 'error', dryRun: true, envelope: whole }]);
    expect(await contentOf(cloud)).toEqual([]);
  });

  it('is repeated for hours, and kept once the bucket is there', async () => {
    const cloud = await holdfastCloud(rules);
    cloud.fc.submit(deadLetter, Buffer.from(whole));
    await cloud.advance(hour);
    await plainClient(cloud.url, 'kept').putBucket('kept');
    await cloud.advance(2 * hour);
    expect(await lettersKept(cloud)).toHaveLength(1);
  });
});

it('a failure about dead letters alone is told and makes no further one, so that there is an end', async () => {
  const cloud = await holdfastCloud(rules);
  const client = plainClient(cloud.url, 'kept');
  await client.putBucket('kept'); // without ObjectWorm: protecting a letter fails
  await client.putBucketVersioning('kept', 'Enabled');
  await invoke(cloud, deadLetter, envelopeOf());
  await cloud.advance(24 * hour);
  expect(await contentOf(cloud, place.bucket)).toHaveLength(1);
  const last = cloud.fc.invocations(objectCreated).at(-1);
  expect(last?.status).toBe('succeeded');
  expect(last && logOf(last)).toMatchObject([
    { level: 'error', action: 'protect', code: 'OBJECT_WORM_OFF' },
    {
      level: 'error',
      action: 'own',
      code: 'DEAD_LETTER_OWN',
      reason: expect.stringContaining('OBJECT_WORM_OFF'),
      about: { bucket: 'kept', key: expect.stringContaining('failed/letters/') },
    },
  ]);

  const payload = JSON.stringify(last?.event);
  const again = await invoke(cloud, deadLetter, envelopeOf({ requestId: 'request-2', payload }));
  expect(again.status).toBe('succeeded');
  expect(logOf(again)).toMatchObject([
    {
      level: 'error',
      action: 'own',
      code: 'DEAD_LETTER_OWN',
      envelope: expect.stringContaining('failed/letters/'),
    },
  ]);
  expect(await contentOf(cloud, place.bucket)).toHaveLength(1);
});
