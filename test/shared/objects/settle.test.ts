import { describe, expect, test } from 'vitest';
import type { ObjectOutcome } from '../../../shared/objects/outcome.ts';
import { asError, carryOutDecision, judge, settle } from '../../../shared/objects/settle.ts';
import { failure, HoldfastError } from '../../../shared/platform/errors.ts';
import { type Storage, versionId } from '../../../shared/storage/port.ts';
import { validRules } from '../../support/rules-file.ts';
import { refusal, type ScriptedReply } from '../../support/scripted-server.ts';
import { ok, scriptedStorage } from '../../support/scripted-storage.ts';

const scripted = scriptedStorage();
const until = new Date('2030-01-01T00:00:00Z');
const outcome: ObjectOutcome = {
  bucket: 'examplebucket',
  key: 'k',
  versionId: versionId('V1'),
  decision: {
    action: 'protect',
    previousUntil: undefined,
    rule: 'r',
    others: [],
    until,
    warnings: [],
    problems: [],
  },
  errors: [],
};
const denied = refusal(403, 'AccessDenied');
const stored = (mode: string, date: string): ScriptedReply =>
  ok(`<Retention><Mode>${mode}</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`);

describe('a write that is denied', () => {
  test.each<[string, ScriptedReply, string]>([
    ['a shorter date is stored', stored('COMPLIANCE', '2029-12-31T23:59:59.000Z'), 'ACCESS_DENIED'],
    ['nothing is stored', refusal(404, 'NoSuchObjectRetentionConfiguration'), 'ACCESS_DENIED'],
    ['GOVERNANCE until later is stored', stored('GOVERNANCE', '2031-01-01T00:00:00.000Z'), 'GOVERNANCE_MODE'],
    [
      'GOVERNANCE until earlier is stored',
      stored('GOVERNANCE', '2029-01-01T00:00:00.000Z'),
      'GOVERNANCE_MODE',
    ],
    ['reading it back is denied too', denied, 'ACCESS_DENIED'],
  ])('is a permanent failure when %s', async (_what, reply, code) => {
    scripted.server.script(denied, reply);
    const { decision, errors } = await carryOutDecision(scripted.storage, outcome);
    expect(decision.action).toBe('protect');
    expect(errors).toMatchObject([{ code, transient: false }]);
  });

  test.each<[string, ScriptedReply]>([
    ['throttled', refusal(503, 'TotalQpsLimitExceeded')],
    ['cut off', 'reset'],
  ])('is a transient failure when reading it back is %s: nobody knows yet', async (_what, reply) => {
    scripted.server.script(denied, reply);
    expect((await carryOutDecision(scripted.storage, outcome)).errors).toMatchObject([{ transient: true }]);
  });

  test.each(['2030-01-01T00:00:00.000Z', '2031-01-01T00:00:00.000Z'])(
    'is no failure when COMPLIANCE until %s is stored',
    async (date) => {
      scripted.server.script(denied, stored('COMPLIANCE', date));
      const { decision, errors } = await carryOutDecision(scripted.storage, outcome);
      expect(errors).toEqual([]);
      expect(decision).toMatchObject({ action: 'already-protected', previousUntil: new Date(date) });
    },
  );
});

describe('a write', () => {
  test('asks for COMPLIANCE until the date, for this very version, and its receipt is kept', async () => {
    scripted.server.script({ status: 200, headers: { 'x-oss-request-id': 'R1' } });
    const done = await carryOutDecision(scripted.storage, outcome);
    expect(done).toEqual({ ...outcome, receipt: { sent: true, requestId: 'R1' } });
    expect(scripted.server.requests).toMatchObject([
      {
        method: 'PUT',
        target: expect.stringMatching(/versionId=V1/),
        body: '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00.000Z</RetainUntilDate></Retention>',
      },
    ]);
  });

  test.each<[string, Partial<ObjectOutcome>]>([
    ['another decision', { decision: { action: 'no-rule' } }],
    ['no version', { versionId: undefined }],
  ])('is not made for %s', async (_what, changes) => {
    const before = scripted.server.requests.length;
    const other = { ...outcome, ...changes };
    expect(await carryOutDecision(scripted.storage, other)).toBe(other);
    expect(scripted.server.requests.slice(before)).toEqual([]);
  });

  test('of a version that is gone is no failure', async () => {
    scripted.server.script(refusal(404, 'NoSuchVersion'));
    expect(await carryOutDecision(scripted.storage, outcome)).toMatchObject({
      decision: { action: 'gone' },
      errors: [],
    });
  });

  test('that fails otherwise adds its error to those that were there, and is not read back', async () => {
    const before = failure('TAG_UNREADABLE', { rule: 'r', target: 't', tag: 'a', value: 'b', expected: 'c' });
    scripted.server.script(refusal(503, 'ServiceUnavailable'));
    const { errors, decision } = await carryOutDecision(scripted.storage, { ...outcome, errors: [before] });
    expect(decision.action).toBe('protect');
    expect(errors).toMatchObject([before, { code: 'THROTTLED', transient: true }]);
    expect(scripted.server.requests).toHaveLength(1);
  });

  test('that is denied adds its error to those that were there', async () => {
    const before = failure('GOVERNANCE_MODE', { target: 't' });
    scripted.server.script(denied, denied);
    const { errors } = await carryOutDecision(scripted.storage, { ...outcome, errors: [before] });
    expect(errors).toMatchObject([before, { code: 'ACCESS_DENIED' }]);
  });

  test.each(['putRetention', 'getRetention'] as const)(
    'lets what is no error of ours through: %s',
    async (call) => {
      const broken = new RangeError('a fault of our own');
      const storage: Storage = {
        ...scripted.storage,
        putRetention: () =>
          Promise.reject(
            call === 'putRetention'
              ? broken
              : failure('ACCESS_DENIED', { operation: 'o', target: 't', action: 'a' }),
          ),
        getRetention: () => Promise.reject(broken),
      };
      await expect(carryOutDecision(storage, outcome)).rejects.toBe(broken);
    },
  );
});

describe('what the rules cannot do', () => {
  const rules = validRules(`version: 1
limits: { maxRetention: 2y }
objects:
  - { name: until, match: { bucket: bbb, key: "until/**" }, retain: { untilTag: until } }
  - { name: all, match: { bucket: bbb, key: "all/**" }, retain: 1y }
`);
  const now = new Date('2026-11-20T10:00:00Z');
  const version = (key: string, tags: Record<string, string> = {}) => ({
    bucket: 'bbb',
    key,
    versionId: versionId('V1'),
    lastModified: now,
    type: 'Normal',
    tags: new Map(Object.entries(tags)),
    retention: undefined,
  });
  const target = 'oss://bbb/until/k?versionId=V1';

  test.each([
    ['OVER_CAP', { until: '2090-01-01' }, `rule until asks to keep ${target} until 2090-01-02T00:00:00Z`],
    ['TAG_UNREADABLE', { until: 'soon' }, `rule until cannot read tag until of ${target}: "soon" is not`],
    ['TAG_UNREADABLE', {}, `rule until cannot read tag until of ${target}: (missing) is not`],
  ])('is a coded error that names rule, version and value: %s %j', (code, tags, says) => {
    const { decision, errors, versionId: id } = judge(rules, version('until/k', tags), now);
    expect(decision.action).toBe('refuse');
    expect(id).toBe('V1');
    const [error, ...more] = errors;
    expect(more).toEqual([]);
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error).toMatchObject({ code, transient: false, message: expect.stringContaining(says) });
  });

  test('GOVERNANCE names the version', () => {
    const error = asError('oss', { code: 'GOVERNANCE_MODE', rule: 'all' }, version('until/k'));
    expect(error).toMatchObject({ code: 'GOVERNANCE_MODE', message: expect.stringContaining(target) });
    expect(judge(rules, version('all/k'), now).errors).toEqual([]);
  });

  test('what they can do is written, by the same decision for all', async () => {
    scripted.server.script({ status: 200, headers: { 'x-oss-request-id': 'R2' } });
    const clock = { now: () => now, sleep: () => Promise.resolve() };
    const settled = await settle({ storage: scripted.storage, rules, clock }, version('all/k'));
    expect(settled).toMatchObject({
      decision: { action: 'protect', until: new Date('2027-11-20T10:00:00Z') },
      receipt: { requestId: 'R2' },
      errors: [],
    });
  });
});
