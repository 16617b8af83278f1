import stringWidth from 'string-width';
import { expect, it, onTestFinished, vi } from 'vitest';
import { inventoryLines } from '../../cli/hold/inventory.ts';
import { planTable } from '../../cli/plan/table.ts';
import { reportText } from '../../cli/report/text.ts';
import { objectUrl, prose } from '../../cli/terminal/output.ts';
import type { PlanStep, PolicyPlan } from '../../shared/buckets/plan.ts';
import { clearLiveLine, holdLiveLine, showLiveLine } from '../../shared/terminal/live-line.ts';
import { beWide } from '../../shared/terminal/print.ts';
import { setColumns } from '../support/columns.ts';
import { samplePosture, sampleVersions } from '../support/posture-sample.ts';

const message =
  'the request was refused: the key may not read the policy of this bucket, and its role has no such permission';

const plan: PolicyPlan = {
  version: 1,
  madeAt: '2026-11-20T10:00:00Z',
  region: 'cn-hangzhou',
  rulesHash: 'sha256:0',
  steps: [
    {
      bucket: 'archive-short',
      rule: 'archive',
      observed: null,
      decision: { action: 'report', problem: 'mismatch', reason: '30 days' },
    },
  ],
  troubles: [{ bucket: 'archive-2', rule: 'archive', code: 'ACCESS_DENIED', message }],
  hash: 'sha256:0',
};
const posture = {
  ...samplePosture(sampleVersions(20)),
  troubles: [{ bucket: 'archive-2', code: 'ACCESS_DENIED', message }],
};

const texts: readonly [name: string, text: () => string][] = [
  ['plan', () => planTable(plan)],
  ['report', () => reportText(posture)],
];

it.each(texts)('%s breaks its sentences between words on a terminal', (_, text) => {
  setColumns(70);
  const lines = text().split('\n');
  expect(lines.filter((line) => stringWidth(line) > 70)).toEqual([]);
  expect(lines.join(' ')).toContain(message);
});

it.each(texts)('%s keeps a sentence on one line in a pipe', (_, text) => {
  setColumns(undefined);
  expect(text().split('\n')).toContain(`ACCESS_DENIED archive-2: ${message}`);
});

it('what to do about an inventory of a matter breaks between words, too', () => {
  setColumns(70);
  const at = new Date('2026-11-20T10:00:00Z');
  const about = { url: 'oss://lists/manifest.json', bucket: 'fin-1', takenAt: at, ageHours: 0 };
  const lines = inventoryLines('oss', 'case-1', { ...about, enoughFrom: at, isEnough: false });
  const remedy = lines.filter((line) => line.startsWith('  ')).flatMap((line) => line.split('\n'));
  expect(remedy.length).toBeGreaterThan(1);
  expect(remedy.filter((line) => stringWidth(line) > 70 || !line.startsWith('  '))).toEqual([]);
});

it('plan ends with one paragraph that says what follows, when and where it was looked at', () => {
  setColumns(undefined);
  const [last = '', before = ''] = planTable(plan).split('\n').reverse();
  expect(before).toMatch(/^ACCESS_DENIED /);
  expect(last).toBe(
    'There is nothing that `holdfast apply` could do. 1 needs you: archive-short (mismatch). 1 bucket could not be judged: archive-2. As of 2026-11-20T10:00:00Z, region cn-hangzhou.',
  );
});

const step = (bucket: string, decision: PlanStep['decision']): PlanStep => ({
  bucket,
  rule: 'archive',
  observed: null,
  decision,
});
const fine = step('fine', { action: 'leave', reason: 'locked' });
const change = step('change', { action: 'lock', reason: 'old enough' });
const [waiting = fine] = plan.steps;
const [trouble] = plan.troubles;
const asOf = ' As of 2026-11-20T10:00:00Z, region cn-hangzhou.';

it('a plan says that the timer does something, where it has no change for a person', () => {
  const last = (steps: readonly PlanStep[]) =>
    planTable({ ...plan, steps: [...steps], troubles: [] }, { timerPuts: true }).replaceAll('\n', ' ');
  const timer = 'The timer puts the default retention that is named below.';
  expect(last([])).toContain(`Nothing to do by hand: no bucket policy is under a rule. ${timer}`);
  expect(last([fine])).toContain(`Nothing to do by hand: 1 policy is as the rules ask. ${timer}`);
});

it.each<[says: string, steps: readonly PlanStep[], unread: number]>([
  ['Nothing to do: no bucket policy is under a rule.', [], 0],
  ['1 bucket could not be judged: archive-2.', [], 1],
  ['2 buckets could not be judged: archive-2, archive-2.', [], 2],
  ['Nothing to do: 1 policy is as the rules ask.', [fine], 0],
  [
    'Nothing to do in what could be read: 2 policies are as the rules ask. 1 bucket could not be judged: archive-2.',
    [fine, fine],
    1,
  ],
  [
    'There is nothing that `holdfast apply` could do. 2 need you: archive-short (mismatch), archive-short (mismatch).',
    [waiting, waiting],
    0,
  ],
  ['1 change to make with `holdfast apply` (1 irreversible).', [change], 0],
  [
    '1 change to make with `holdfast apply` (1 irreversible); 1 policy is as the rules ask. 1 needs you: archive-short (mismatch).',
    [change, fine, waiting],
    0,
  ],
])('plan ends with: %s', (says, steps, unread) => {
  setColumns(undefined);
  const troubles = trouble === undefined ? [] : Array.from({ length: unread }, () => trouble);
  const [last] = planTable({ ...plan, steps: [...steps], troubles })
    .split('\n')
    .reverse();
  expect(last).toBe(`${says}${asOf}`);
});

it('an address has the two ends of a version id on a terminal, and all of it in a pipe or with --wide', () => {
  const id = 'CAEQMhiBgIDXpYHn4BkiIDVmNzQ5ZDYxMzk4';
  const at = { bucket: 'fin', key: 'a', versionId: id };
  setColumns(80);
  expect(objectUrl('oss', at)).toBe(`oss://fin/a?versionId=${id.slice(0, 5)}…${id.slice(-12)}`);
  expect(objectUrl('oss', { ...at, versionId: 'null' })).toBe('oss://fin/a?versionId=null');
  onTestFinished(() => beWide(false));
  beWide(true);
  expect(objectUrl('oss', at)).toBe(`oss://fin/a?versionId=${id}`);
  beWide(false);
  setColumns(undefined);
  expect(objectUrl('oss', at)).toBe(`oss://fin/a?versionId=${id}`);
});

it('a terminal that does not know its width is one that breaks no line', () => {
  const wide = planTable(plan);
  setColumns(0);
  expect(planTable(plan)).toBe(wide);
  expect(prose(message)).toBe(message);
});

it('no line about what is under way stands over a question', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  showLiveLine('before', 0);
  const release = holdLiveLine();
  showLiveLine('over the question', 0);
  release();
  release();
  showLiveLine('after', 0);
  clearLiveLine();
  const said = write.mock.calls.map(([text]) => String(text)).join('');
  expect(said).toContain('before');
  expect(said).not.toContain('over the question');
  expect(said).toContain('after');
});
