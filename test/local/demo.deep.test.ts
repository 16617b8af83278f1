import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { demoRow, startDemo } from '../support/demo.ts';
import { rulesFile } from '../support/rules-file.ts';

test('functions that keep ledgers a year too short, lock too early and accept too little are found out', async () => {
  const wrong = readFileSync('rules.yaml', 'utf8')
    .replace('retain: 7y', 'retain: 6y')
    .replace('after: 20h', 'after: 19h')
    .replace('atLeast: 180', 'atLeast: 5');
  const { code, output } = await startDemo('--rules', rulesFile(wrong)).ended;
  expect(code).toBe(1);
  expect(demoRow(output, 'fin-eu/ledger/q3.parquet')).toMatch(/WRONG$/);
  expect(demoRow(output, 'audit-eu/2026/login.log')).toMatch(/ok$/);
  expect(output).toMatch(/^archive-2026 .* WRONG$/m);
  expect(output).toMatch(/^archive-short .* WRONG$/m);
  expect(output).toMatch(/^backup-db .* ok$/m);
  expect(output).toMatch(/7 of \d+ checks are not as the rules say:\n {2}- fin-eu\/ledger\/q3\.parquet/);
});
