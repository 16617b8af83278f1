import { describe, expect, test } from 'vitest';
import { readEnvelope } from '../../../shared/dead-letters/envelope.ts';
import { type DeadLetter, letterOf } from '../../../shared/dead-letters/letter.ts';
import { checkReplay } from '../../../shared/dead-letters/replay.ts';
import { keepPlan } from '../../../shared/fan-out/plan.ts';
import { tasksOf } from '../../../shared/fan-out/start.ts';
import type { FanOutRun, ShardTask } from '../../../shared/fan-out/task.ts';
import type { CloudName } from '../../../shared/platform/address.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { hashRules } from '../../../shared/rules/hash-rules.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { etag } from '../../../shared/storage/port.ts';
import { envelopeOf } from '../../support/dead-letters.ts';

const rules = rulesFrom(
  `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://kept/failed/
objects: [{ name: all, match: { bucket: records }, retain: 1y }]
`,
  'rules.yaml',
);

const upload = JSON.stringify({
  events: [
    {
      eventName: 'ObjectCreated:PutObject',
      eventTime: '2026-11-21T10:00:00.000Z',
      oss: { bucket: { name: 'records' }, object: { key: 'a', eTag: 'A' } },
    },
  ],
});
const timer = JSON.stringify({ triggerTime: '2026-11-21T10:00:00Z', triggerName: 't', payload: '' });

/** An upload of a key, as the trigger of FunctionGraph has it. */
const graphUploadOf = (key: string) =>
  JSON.stringify({
    Records: [
      { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'records' }, object: { key, size: 1 } } },
    ],
  });
const graphUpload = graphUploadOf('a');
const graphManifest = graphUploadOf('records/2026-11-21T10-00Z/manifest.json');
const graphTimer = JSON.stringify({
  version: 'v1.0',
  time: '2026-11-21T10:00:00+00:00',
  trigger_type: 'TIMER',
  trigger_name: 't',
  user_event: '',
});

const letter = (name: string, payload: string): DeadLetter => ({
  ...letterOf(readEnvelope(Buffer.from(JSON.stringify(envelopeOf({ payload }))))),
  function: name,
});

/** A bucket that holds texts by their keys. */
function shelf(cloud: CloudName = 'oss') {
  const texts = new Map<string, string>();
  return {
    cloud,
    async readText({ bucket, key }: { bucket: string; key: string }) {
      const text = texts.get(`${bucket}/${key}`);
      if (text !== undefined) return await Promise.resolve({ text, etag: etag('x') });
      throw failure('NO_SUCH_OBJECT', { operation: 'GetObject', target: key, code: 'NoSuchKey' });
    },
    async writeText({ bucket, key }: { bucket: string; key: string }, text: string) {
      texts.set(`${bucket}/${key}`, text);
      return await Promise.resolve({ sent: true, requestId: undefined });
    },
  };
}

const refusal = expect.objectContaining({ code: 'DEAD_LETTER_REFUSED' });

describe('a letter goes back', () => {
  test.each([
    ['object-created', upload, 'object-created'],
    ['holdfast-object-created', upload, 'object-created'],
    ['holdfast-policy-timer', timer, 'policy-timer'],
    ['holdfast-protect-existing', upload, 'protect-existing'],
  ])('to %s as the event that it takes', async (name, payload, own) => {
    expect(await checkReplay(shelf(), rules, letter(name, payload))).toBe(own);
  });

  test.each([
    ['object-created', graphUpload, 'object-created'],
    ['holdfast-policy-timer', graphTimer, 'policy-timer'],
    ['holdfast-protect-existing', graphManifest, 'protect-existing'],
  ])('to %s of FunctionGraph as the event that it takes there', async (name, payload, own) => {
    expect(await checkReplay(shelf('obs'), rules, letter(name, payload))).toBe(own);
    await expect(checkReplay(shelf('oss'), rules, letter(name, payload))).rejects.toEqual(refusal);
  });

  test.each([
    ['object-created', upload],
    ['policy-timer', timer],
    ['protect-existing', upload],
  ])('not to %s of FunctionGraph with an event of Function Compute', async (name, payload) => {
    await expect(checkReplay(shelf('obs'), rules, letter(name, payload))).rejects.toEqual(refusal);
  });

  test.each([
    '../../../../tmp/x/object-created',
    'holdfast-object-created/../../x',
    'evil-object-created',
    'someone-elses',
    'holdfast-dead-letter',
    'holdfast-holdfast-object-created',
    'constructor',
    'toString',
    'object-created ',
    'Object-Created',
    '',
  ])('never to "%s"', async (name) => {
    await expect(checkReplay(shelf(), rules, letter(name, upload))).rejects.toEqual(refusal);
  });

  test('to none but those that are named', async () => {
    const going = checkReplay(shelf(), rules, letter('someone-elses', upload));
    await expect(going).rejects.toThrow(
      '"someone-elses" is none of the functions that are replayed (object-created, policy-timer, protect-existing)',
    );
  });

  const kind = (name: string) => `its event is not of the kind that holdfast-${name} takes: `;
  const ofTimer = `${kind('policy-timer')}it is not the event of a timer`;
  test.each([
    ['object-created', timer, kind('object-created')],
    ['object-created', '{', kind('object-created')],
    ['object-created', '', kind('object-created')],
    [
      'object-created',
      JSON.stringify({ task: 'check', version: 1, rules: '' }),
      `${kind('object-created')}the event`,
    ],
    ['policy-timer', upload, ofTimer],
    ['policy-timer', '[]', ofTimer],
    ['policy-timer', 'null', ofTimer],
    ['policy-timer', '{', `${kind('policy-timer')}Expected property name`],
    ['protect-existing', timer, kind('protect-existing')],
    ['protect-existing', JSON.stringify({ task: 'protect-shard', version: 1 }), kind('protect-existing')],
    ['protect-existing', JSON.stringify({ task: 'format-disk', version: 1 }), kind('protect-existing')],
    [
      'protect-existing',
      JSON.stringify({ task: 'check', version: 1, rules: hashRules(rules) }),
      'a check changes nothing and is never repeated',
    ],
    ...[
      'oss://b/ledger.csv',
      'oss://b/manifest.json.old',
      'oss://b/manifest.json/',
      'obs://b/manifest.json',
    ].map((manifest) => [
      'protect-existing',
      JSON.stringify({ task: 'repair', version: 1, manifest, leg: 0 }),
      `its task names no manifest of an inventory: ${manifest}`,
    ]),
  ])('not to %s with %s', async (name, payload, says) => {
    const going = checkReplay(shelf(), rules, letter(`holdfast-${name}`, payload));
    await expect(going).rejects.toEqual(refusal);
    await expect(going).rejects.toThrow(says);
  });

  test.each(['oss://b/manifest.json', 'oss://b/2026/11/manifest.json'])(
    'to protect-existing for the inventory of %s',
    async (manifest) => {
      const payload = JSON.stringify({ task: 'repair', version: 1, manifest, leg: 0 });
      expect(await checkReplay(shelf(), rules, letter('protect-existing', payload))).toBe('protect-existing');
    },
  );
});

describe('a task of a shard', () => {
  const run: FanOutRun = {
    bucket: 'records',
    prefix: '',
    source: 'listing',
    keysEncoded: true,
    rules: hashRules(rules),
    dryRun: false,
    repair: false,
    folder: { bucket: 'kept', prefix: 'failed/fan-out/records-0123456789abcdef/1/' },
  };
  /** @returns the storage, and a letter with the task of the plan's only shard; both may be changed */
  const planned = async (changes: Partial<FanOutRun> = {}, rest: Partial<ShardTask> = {}) => {
    const storage = shelf();
    const plan = await keepPlan(storage, { ...run, ...changes }, [{ kind: 'listing', through: 'm' }]);
    const [task] = tasksOf(plan, { concurrency: 4, attempt: 0 });
    return { storage, task: letter('holdfast-protect-existing', JSON.stringify({ ...task, ...rest })) };
  };

  test('goes back when the plan that is kept has it', async () => {
    const { storage, task } = await planned();
    expect(await checkReplay(storage, rules, task)).toBe('protect-existing');
  });

  test.each<[what: string, changes: Partial<FanOutRun>, rest: Partial<ShardTask>]>([
    ['a folder elsewhere', {}, { folder: { bucket: 'records', prefix: run.folder.prefix } }],
    ['a folder beside the runs', {}, { folder: { bucket: 'kept', prefix: 'failed/letters/' } }],
    ['a folder without a plan', {}, { folder: { bucket: 'kept', prefix: 'failed/fan-out/other/1/' } }],
    ['other rules', { rules: 'sha256:0' }, {}],
    ['another plan', {}, { plan: '0'.repeat(64) }],
    ['a shard that is not there', {}, { number: 7 }],
  ])('does not go back with %s', async (_what, changes, rest) => {
    const { storage, task: forged } = await planned(changes, rest);
    await expect(checkReplay(storage, rules, forged)).rejects.toEqual(refusal);
  });

  test('says by which rules the plan was made', async () => {
    const { storage, task } = await planned({ rules: 'sha256:0' });
    await expect(checkReplay(storage, rules, task)).rejects.toThrow(
      `its plan was made by other rules (sha256:0; these are ${hashRules(rules)})`,
    );
  });
});
