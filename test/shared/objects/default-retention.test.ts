import { expect, test } from 'vitest';
import { judgeDefault } from '../../../shared/objects/default-retention.ts';
import type { ObjectWormConfiguration } from '../../../shared/storage/port.ts';
import { duration } from '../../support/arbitrary-rules.ts';

test.each<[ObjectWormConfiguration['defaultRetention'], string, string | undefined]>([
  [undefined, '1y', undefined],
  [{ mode: 'COMPLIANCE', days: 365 }, '1y', undefined],
  [{ mode: 'COMPLIANCE', days: 366 }, '1y', 'DEFAULT_OVER_CAP'],
  [{ mode: 'COMPLIANCE', days: 367 }, '1y', 'DEFAULT_OVER_CAP'],
  [{ mode: 'COMPLIANCE', years: 1 }, '1y', undefined],
  [{ mode: 'COMPLIANCE', years: 1 }, '365d', 'DEFAULT_OVER_CAP'],
  [{ mode: 'COMPLIANCE', years: 1 }, '366d', undefined],
  [{ mode: 'COMPLIANCE', years: 11 }, '10y', 'DEFAULT_OVER_CAP'],
  [{ mode: 'GOVERNANCE', days: 1 }, '10y', 'DEFAULT_GOVERNANCE'],
  [{ mode: 'GOVERNANCE', years: 99 }, '1y', 'DEFAULT_GOVERNANCE'],
])('a default of %j under a cap of %s: %s', (defaultRetention, cap, code) => {
  const worm = defaultRetention === undefined ? {} : { defaultRetention };
  expect(judgeDefault(worm, duration(cap))?.code).toBe(code);
});
