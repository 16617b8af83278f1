import { expect, it } from 'vitest';
import { concernedBy } from '../../../shared/backfill/concerned.ts';
import type { KnownVersion } from '../../../shared/backfill/source.ts';
import { withMatters } from '../../../shared/matters/hold-rules.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = withMatters(
  validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: all, match: { bucket: b }, retain: 1y }
  - { name: other, match: { bucket: c }, retain: 1y }
`),
  [
    { id: 'late', scope: validScope({ match: ['oss://b/**'], from: '2026-11-02T00:00:00Z' }) },
    { id: 'elsewhere', scope: validScope({ match: ['oss://b/deep/**'] }) },
  ],
  true,
);
const version = { bucket: 'b', key: 'k', versionId: versionId('v') };

it.each<[what: string, known: Partial<KnownVersion>, rules: readonly string[]]>([
  ['no matter of another time', { lastModified: new Date('2026-11-01T00:00:00Z') }, ['all']],
  ['a matter of its time', { lastModified: new Date('2026-11-03T00:00:00Z') }, ['all', 'matter late']],
  ['any matter of its place while its time is not known', {}, ['all', 'matter late']],
])('a version is concerned by the rules of its bucket, and by %s', (_what, known, expected) => {
  expect(concernedBy(rules, { ...version, ...known }).map(({ name }) => name)).toEqual(expected);
});
