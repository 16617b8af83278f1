import stringWidth from 'string-width';
import { expect, it, onTestFinished } from 'vitest';
import { planTable } from '../../cli/plan-table.ts';
import { reportText } from '../../cli/report-text.ts';
import type { PolicyPlan } from '../../shared/buckets/plan.ts';
import { samplePosture, sampleVersions } from '../support/posture-sample.ts';

/** Makes standard output a terminal of this width, or a pipe. */
function setColumns(columns: number | undefined): void {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
  Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true, writable: true });
  onTestFinished(() => {
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'columns');
    else Object.defineProperty(process.stdout, 'columns', before);
  });
}

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

it('plan ends with one paragraph that says what follows, when and where it was looked at', () => {
  setColumns(undefined);
  const [last = '', before = ''] = planTable(plan).split('\n').reverse();
  expect(before).toMatch(/^ACCESS_DENIED /);
  expect(last).toBe(
    'Nothing to do: 0 policies are as the rules ask. 1 needs you: archive-short (mismatch). 1 could not be judged: archive-2. As of 2026-11-20T10:00:00Z, region cn-hangzhou.',
  );
});
