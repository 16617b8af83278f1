import { expect, test } from 'vitest';
import { createInvocationLog } from '../../../local/fc/invocations.ts';

const entry = (name: string) => ({
  cloud: 'oss' as const,
  requestId: name,
  function: name,
  trigger: 'api',
  event: {},
  attempt: 1,
  startedAt: '2026-11-20T10:00:00.000Z',
});

test('the latest invocations are kept, the oldest forgotten, also while they run', () => {
  const log = createInvocationLog(2);
  const first = log.start(entry('a'));
  log.start(entry('b'));
  log.start(entry('c'));
  expect(log.finish(first, { status: 'succeeded' })).toMatchObject({ function: 'a', status: 'succeeded' });
  expect(log.list().map((each) => [each.function, each.status])).toEqual([
    ['b', 'running'],
    ['c', 'running'],
  ]);
  expect(log.list('c')).toHaveLength(1);
});
