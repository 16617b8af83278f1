import { expect, test } from 'vitest';
import { logLine } from '../../cli/terminal/log-line.ts';

const line = (entry: Record<string, unknown>) =>
  JSON.stringify({ level: 'info', action: 'protect', ...entry });

test.each([
  ['oss', 'oss://fin/a/b'],
  ['obs', 'obs://fin/a/b'],
] as const)('an object has its address in %s', (cloud, address) => {
  expect(logLine(line({ bucket: 'fin', key: 'a/b' }), cloud)).toContain(`protect ${address}`);
});

test('a bucket alone has one too, and a line without a bucket none', () => {
  expect(logLine(line({ bucket: 'fin' }), 'obs')).toMatch(/protect obs:\/\/fin$/);
  expect(logLine(line({}), 'obs')).not.toContain('://');
});
