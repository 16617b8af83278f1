import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyManualRetention, decideManualRetention } from '../../../shared/objects/manual-retention.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { formatInstant } from '../../../shared/platform/instant.ts';
import { addDuration } from '../../../shared/rules/duration.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import { type Retention, type RetentionMode, type Storage, versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

const now = new Date('2026-11-21T12:00:00Z');
const rules = validRules(`version: 1
limits: { maxRetention: 5y }
objects: [{ name: fin, match: { bucket: fin-* }, retain: 30d }]
buckets: [{ name: archive, match: { bucket: archive-* }, policy: { days: 365 } }]
`);

const version = (part: Partial<ObservedVersion> = {}): ObservedVersion => ({
  bucket: 'fin-1',
  key: 'a',
  versionId: versionId('v1'),
  lastModified: new Date('2026-11-01T10:00:00Z'),
  type: 'Normal',
  tags: new Map(),
  retention: undefined,
  ...part,
});

const kept = (until: string, mode: RetentionMode = 'COMPLIANCE') => ({
  retention: { mode, until: new Date(until) },
});

function outcome(until: string, at: ObservedVersion): string {
  const judged = decideManualRetention(rules, at, { until: new Date(until), now });
  if (judged.kind === 'refuse') return judged.error.code;
  const { decision } = judged.outcome;
  expect(judged.kind).toBe(decision.action === 'protect' ? 'do' : 'leave');
  return 'until' in decision ? `${decision.action} ${formatInstant(decision.until)}` : decision.action;
}

describe('a wish about one version', () => {
  it.each<[string, string, ObservedVersion, string]>([
    ['keeps it until then', '2027-01-01T00:00:00Z', version(), 'protect 2027-01-01T00:00:00Z'],
    ['rounds up to the second', '2027-01-01T00:00:00.001Z', version(), 'protect 2027-01-01T00:00:01Z'],
    [
      'keeps one that no rule matches',
      '2027-01-01T00:00:00Z',
      version({ bucket: 'other' }),
      'protect 2027-01-01T00:00:00Z',
    ],
    ['keeps it up to the limit', '2031-11-21T12:00:00Z', version(), 'protect 2031-11-21T12:00:00Z'],
    ['keeps nothing beyond the limit', '2031-11-21T12:00:01Z', version(), 'BEYOND_RULES'],
    ['keeps nothing until a date that is past', '2026-11-21T12:00:00Z', version(), 'NOT_POSSIBLE_NOW'],
    ['keeps nothing until before it was written', '2020-01-01T00:00:00Z', version(), 'NOT_POSSIBLE_NOW'],
    [
      'lengthens',
      '2028-01-01T00:00:00Z',
      version(kept('2027-01-01T00:00:00Z')),
      'protect 2028-01-01T00:00:00Z',
    ],
    [
      'leaves the same date',
      '2027-01-01T00:00:00Z',
      version(kept('2027-01-01T00:00:00Z')),
      'already-protected 2027-01-01T00:00:00Z',
    ],
    ['never shortens', '2027-01-01T00:00:00Z', version(kept('2027-01-01T00:00:01Z')), 'WOULD_SHORTEN'],
    [
      'leaves GOVERNANCE alone',
      '2028-01-01T00:00:00Z',
      version(kept('2027-01-01T00:00:00Z', 'GOVERNANCE')),
      'GOVERNANCE_MODE',
    ],
    [
      'keeps no appendable object',
      '2027-01-01T00:00:00Z',
      version({ type: 'Appendable' }),
      'NOT_POSSIBLE_NOW',
    ],
    [
      'keeps no delete marker',
      '2027-01-01T00:00:00Z',
      version({ type: 'delete-marker' }),
      'NOT_POSSIBLE_NOW',
    ],
    [
      'keeps nothing where a bucket rule speaks',
      '2027-01-01T00:00:00Z',
      version({ bucket: 'archive-1' }),
      'BEYOND_RULES',
    ],
  ])('%s', (_, until, at, expected) => {
    expect(outcome(until, at)).toBe(expected);
  });

  it('never leads beyond the limit, nor before what is stored', () => {
    const cap = addDuration(now, rules.limits.maxRetention);
    const dates = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, fc.option(dates, { nil: undefined }), (until, stored) => {
        const at = version(stored && { retention: { mode: 'COMPLIANCE', until: stored } });
        const text = outcome(until.toISOString(), at);
        const [, written] = /^protect (.*)$/.exec(text) ?? [];
        if (written === undefined) return;
        expect(new Date(written).getTime()).toBeLessThanOrEqual(cap.getTime());
        expect(new Date(written).getTime()).toBeGreaterThan(stored?.getTime() ?? now.getTime());
      }),
    );
  });
});

describe('carrying a wish out', () => {
  const credentials = { accessKeyId: 'a', accessKeySecret: 'b' };
  const nowhere = createOssStorage({ region: 'cn-hangzhou', endpoint: 'http://127.0.0.1:1', credentials });
  const accepting = (shown: readonly (Retention | undefined)[]): Storage => {
    const left = [...shown];
    return {
      ...nowhere,
      putRetention: async () => ({ sent: true, requestId: 'r' }),
      getRetention: async () => left.shift(),
    };
  };
  const until = new Date('2027-01-01T00:00:00Z');
  const decided = decideManualRetention(rules, version(), { until, now });
  if (decided.kind === 'refuse') throw decided.error;
  const judged = decided.outcome;

  it('counts only what is read back, and waits a little for it', async () => {
    const late = [undefined, { mode: 'COMPLIANCE', until } as const];
    const { stored } = await applyManualRetention(accepting(late), manualClock(now), judged);
    expect(stored).toEqual({ mode: 'COMPLIANCE', until });
  });

  it('is not verified when the service accepts it and shows nothing', async () => {
    const clock = manualClock(now);
    await expect(applyManualRetention(accepting([]), clock, judged)).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      message: expect.stringContaining('no retention'),
    });
    expect(clock.sleeps).toHaveLength(4);
  });
});
