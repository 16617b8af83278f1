import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { layOut } from '../../../shared/terminal/table.ts';
import { wrapProse } from '../../../shared/terminal/wrap.ts';

const plan = {
  head: ['bucket', 'rule', 'state', 'days', 'hours left', 'action', 'reason'],
  rows: [
    [
      'archive-2026',
      'archive',
      'InProgress',
      '3650',
      '24.0',
      'wait',
      'acceptable; to be locked from 2026-11-29',
    ],
    ['backup-db', 'backups', 'none', '-', '-', 'initiate', 'no policy'],
  ],
};
const layPlan = (columns?: number) => layOut(plan.head, plan.rows, columns);
const widest = (text: string) => Math.max(...text.split('\n').map((line) => stringWidth(line)));

it('shows columns that fit 80, with numbers to the right', () => {
  expect(layPlan(80)).toBe(
    [
      'BUCKET        RULE     STATE       DAYS  HOURS LEFT  ACTION    REASON',
      'archive-2026  archive  InProgress  3650        24.0  wait      acceptable; to be',
      '                                                               locked from',
      '                                                               2026-11-29',
      'backup-db     backups  none           -           -  initiate  no policy',
    ].join('\n'),
  );
});

it('shows a block of label and value for each row below 60', () => {
  expect(layPlan(40)).toBe(
    [
      'BUCKET      archive-2026',
      'RULE        archive',
      'STATE       InProgress',
      'DAYS        3650',
      'HOURS LEFT  24.0',
      'ACTION      wait',
      'REASON      acceptable; to be locked',
      '            from 2026-11-29',
      '',
      'BUCKET      backup-db',
      'RULE        backups',
      'STATE       none',
      'DAYS        -',
      'HOURS LEFT  -',
      'ACTION      initiate',
      'REASON      no policy',
    ].join('\n'),
  );
});

it.each([
  [['512 B', '1.2 MiB', '12 KiB', '103 GiB', '4.0 EiB']],
  [['512 B', '1.2 MB', '12 kB']],
  [['7%', '12.5 %', '-']],
  [['1,200', '12']],
])('shows the numbers %j to the right', (sizes) => {
  const lines = layOut(
    ['size', 'name'],
    sizes.map((size) => [size, 'a']),
    80,
  ).split('\n');
  const column = Math.max(4, ...sizes.map((size) => size.length));
  expect(lines.slice(1)).toEqual(sizes.map((size) => `${size.padStart(column)}  a`));
});

it.each([[['1.2 MiB', 'none known']], [['12 KiB and 3 versions of unknown size']], [['3 iB']]])(
  'leaves the words %j to the left',
  (cells) => {
    const lines = layOut(
      ['size', 'name'],
      cells.map((cell) => [cell, 'a']),
      80,
    ).split('\n');
    expect(lines[1]?.startsWith(cells[0] ?? '')).toBe(true);
  },
);

it('leaves an instant with milliseconds whole, and takes the width from the words beside it', () => {
  const opened = '2026-12-25T08:30:46.005Z';
  const reason = 'the court asks for all letters';
  const text = layOut(['name', 'opened', 'reason'], [['case-2026-17', opened, reason]], 60);
  expect(text).toContain(`case-2026-17  ${opened}  the court asks for`);
});

it('shows every row on one line where there is no terminal', () => {
  expect(layPlan().split('\n')).toHaveLength(3);
});

const word = fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replaceAll(/\s/g, '_'));
const prose = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));

it('is never wider than the terminal, and loses no text', () => {
  const cases = fc.record({
    columns: fc.integer({ min: 30, max: 200 }),
    rows: fc.array(fc.tuple(prose, prose, fc.nat().map(String)), { minLength: 1, maxLength: 5 }),
  });
  const letters = (text: string) => text.replaceAll(/\s/g, '').length;
  fc.assert(
    fc.property(cases, ({ columns, rows }) => {
      const head = ['key', 'reason', 'versions'];
      const text = layOut(head, rows, columns);
      expect(widest(text)).toBeLessThanOrEqual(columns);
      const isTable = text.startsWith('KEY') && text.split('\n')[0]?.includes('REASON') === true;
      const titles = letters(head.join('')) * (isTable ? 1 : rows.length);
      expect(letters(text)).toBe(titles + letters(rows.flat().join('')));
    }),
  );
});

it('breaks prose between words, keeps its indent, and leaves long words whole', () => {
  expect(wrapProse('  one two three', 9)).toBe('  one two\n  three');
  expect(wrapProse('see /a/very/long/path now', 10)).toBe('see\n/a/very/long/path\nnow');
  expect(wrapProse('中文 中文 中文', 9)).toBe('中文 中文\n中文');
  expect(wrapProse('one two', undefined)).toBe('one two');
});
