import { describe, expect, test } from 'vitest';
import { carryOut, type ObjectOutcome } from '../../../shared/objects/settle.ts';
import { versionId } from '../../../shared/storage/port.ts';
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
    const { decision, errors } = await carryOut(scripted.storage, outcome);
    expect(decision.action).toBe('protect');
    expect(errors).toMatchObject([{ code, transient: false }]);
  });

  test.each<[string, ScriptedReply]>([
    ['throttled', refusal(503, 'TotalQpsLimitExceeded')],
    ['cut off', 'reset'],
  ])('is a transient failure when reading it back is %s: nobody knows yet', async (_what, reply) => {
    scripted.server.script(denied, reply);
    expect((await carryOut(scripted.storage, outcome)).errors).toMatchObject([{ transient: true }]);
  });

  test.each(['2030-01-01T00:00:00.000Z', '2031-01-01T00:00:00.000Z'])(
    'is no failure when COMPLIANCE until %s is stored',
    async (date) => {
      scripted.server.script(denied, stored('COMPLIANCE', date));
      const { decision, errors } = await carryOut(scripted.storage, outcome);
      expect(errors).toEqual([]);
      expect(decision).toMatchObject({ action: 'already-protected', previousUntil: new Date(date) });
    },
  );
});
