import stringWidth from 'string-width';
import { expect, it, onTestFinished } from 'vitest';
import { doctorReport } from '../../cli/doctor.ts';
import { planTable } from '../../cli/plan/table.ts';
import { summary } from '../../cli/protect/summary.ts';
import { reportText } from '../../cli/report/text.ts';
import type { PlanStep } from '../../shared/buckets/plan.ts';
import type { DoctorFinding } from '../../shared/doctor/finding.ts';
import { failure } from '../../shared/platform/errors.ts';
import { wrapAtMargin } from '../../shared/terminal/wrap.ts';
import { samplePosture, sampleVersions } from '../support/posture-sample.ts';

/* The page docs/terminal.md is made here. After a change of what commands print: npx vitest run -u test/docs/transcripts.test.ts */

const page = '../../docs/terminal.md';

const observed = (state: string, days: number, createdAt: string) => ({ id: 'w', state, days, createdAt });
const step = (bucket: string, found: PlanStep['observed'], decision: PlanStep['decision']): PlanStep => ({
  bucket,
  rule: 'archive',
  observed: found,
  decision,
});

const plan = (): string =>
  planTable({
    version: 1,
    madeAt: '2026-11-20T10:00:00Z',
    region: 'cn-hangzhou',
    rulesHash: 'sha256:0',
    hash: 'sha256:0',
    steps: [
      step('archive-2025', observed('Locked', 730, '2025-01-06T08:00:00Z'), {
        action: 'leave',
        reason: 'locked until 2027-01-06T08:00:00Z, not near its end',
      }),
      step('archive-2026', observed('InProgress', 365, '2026-11-19T13:00:00Z'), {
        action: 'lock',
        id: 'w',
        days: 365,
        reason: 'acceptable and old enough',
      }),
      step('archive-short', observed('InProgress', 7, '2026-11-20T08:00:00Z'), {
        action: 'report',
        problem: 'mismatch',
        reason: '7 days, the rule accepts 180 to 3650; it lapses at 2026-11-21T08:00:00Z',
      }),
    ],
    troubles: [
      {
        bucket: 'archive-other',
        rule: 'archive',
        code: 'ACCESS_DENIED',
        message: 'GetBucketWorm on oss://archive-other was refused: the key may not do that',
      },
    ],
  });

const protect = (): string => {
  const { code, remedy, message } = failure('TAG_UNREADABLE', {
    rule: 'until',
    target: 'oss://fin-eu/until/bad',
    tag: 'retain-until',
    value: 'soon',
    expected: 'a date',
  });
  const { text } = summary({
    progress: {
      tally: {
        versions: 41_002,
        changed: 40_310,
        failed: 1,
        gone: 0,
        unseen: 40_000,
        readBack: 3,
        actions: { protected: 40_310, 'already-protected': 411, 'no-rule': 280, failed: 1 },
        rules: { finance: { protected: 40_310, 'already-protected': 411, failed: 1 } },
      },
      requests: 41_560,
      elapsedMs: 83_200,
    },
    places: {
      checkpoint: '.holdfast/protect-5f2b.checkpoint.json',
      report: { lines: '.holdfast/protect-5f2b.report.jsonl', table: '.holdfast/protect-5f2b.report.csv' },
      store: undefined,
    },
    stored: [],
    dryRun: false,
    failures: [{ code, count: 1, example: 'oss://fin-eu/until/bad', reason: message, remedy }],
  });
  return text;
};

const report = (): string => {
  const posture = samplePosture(sampleVersions(1000).slice(8));
  return reportText({ ...posture, policies: posture.policies.slice(-1) });
};

const findings: readonly DoctorFinding[] = [
  { status: 'ok', check: 'rules', about: 'rules.yaml', message: 'valid: 3 object rules, 1 bucket rule' },
  {
    status: 'failure',
    check: 'versioning',
    about: 'fin-eu',
    message: 'is off: only versions can be retained one by one',
    mend: 'sh setup.sh, made with: holdfast setup --enable-versioning fin-eu',
    code: 'VERSIONING_OFF',
  },
  {
    status: 'warning',
    check: 'repairs',
    about: 'audit-eu',
    message: 'was never repaired',
    mend: 'holdfast protect oss://audit-eu, or let an inventory start it every day',
  },
  {
    status: 'not-checked',
    check: 'roles',
    about: '-',
    message: 'the key may not read roles (ram:GetRole)',
    mend: 'run the doctor with a key that may read RAM',
  },
];

const commands: readonly [command: string, text: () => string][] = [
  ['holdfast plan', plan],
  ['holdfast protect oss://fin-eu', protect],
  ['holdfast report', report],
  ['holdfast doctor', () => doctorReport(findings).text],
];

/** Makes standard output a terminal of this width for the time of a test. */
function setColumns(columns: number): void {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
  Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true, writable: true });
  onTestFinished(() => {
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'columns');
    else Object.defineProperty(process.stdout, 'columns', before);
  });
}

/** Prints as the command does, for a terminal of this width. */
function printed(text: () => string, columns: number): string {
  setColumns(columns);
  return wrapAtMargin(text(), columns);
}

/** A single word, such as a path, stays whole; so does what fixes a finding, which may be a command. */
const isWhole = (line: string): boolean => !line.trim().includes(' ') || line.trim().startsWith('do: ');

it.each(
  commands.flatMap(([command, text]) => [80, 60, 50].map((columns) => [command, columns, text] as const)),
)('%s fits %i columns', (_command, columns, text) => {
  const lines = printed(text, columns).split('\n');
  expect(lines.filter((line) => stringWidth(line) > columns && !isWhole(line))).toEqual([]);
  expect(lines.join('\n')).not.toContain('…');
});

it('docs/terminal.md shows what commands print', async () => {
  const blocks = commands.map(
    ([command, text]) => `## \`${command}\`\n\n\`\`\`text\n${printed(text, 80)}\n\`\`\`\n`,
  );
  const head = `# What commands print

These are transcripts on a terminal of 80 columns, without colours. Tables fit the width; on a terminal of fewer than 60 columns
each row becomes a block of \`label value\` lines. Sentences break between words. In a pipe nothing is cut or broken.
`;
  await expect([head, ...blocks].join('\n')).toMatchFileSnapshot(page);
});
