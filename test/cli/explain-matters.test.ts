import { describe, expect, it } from 'vitest';
import { explainObject } from '../../cli/explain/object.ts';
import type { HeldBy } from '../../cli/world/held-by.ts';
import { failure } from '../../shared/platform/errors.ts';
import { versionId } from '../../shared/storage/port.ts';
import { validRules } from '../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: open, match: { bucket: data }, retain: { for: 6y, fromTag: closed-on, whileOpen: hold } }
`);
const now = new Date('2026-11-29T00:00:00Z');

const explained = (held: HeldBy | undefined) => {
  const at = { bucket: 'data', key: 'a', versionId: versionId('V1') };
  const version = {
    ...at,
    lastModified: now,
    type: 'Normal',
    tags: new Map(),
    retention: undefined,
    isLatest: true,
  };
  return explainObject(rules, { version, described: false, now, held });
};

describe('the matters of an object, for machines', () => {
  const error = failure('EVIDENCE_UNSET', { cloud: 'oss', what: 'matters' });
  it.each<[string, HeldBy | undefined, object]>([
    ['nobody asked', undefined, { matters: null, mattersUnknown: null }],
    ['none has it', { matters: [] }, { matters: [], mattersUnknown: null }],
    ['one has it', { matters: ['case-1'] }, { matters: ['case-1'], mattersUnknown: null }],
    ['they could not be read', { error }, { matters: null, mattersUnknown: { code: 'EVIDENCE_UNSET' } }],
  ])('%s', (_, held, json) => {
    expect(explained(held).json).toMatchObject(json);
  });
});

it('says that a version is held open, and until when', () => {
  const { text } = explained(undefined);
  expect(text).toContain('2027-02-27T00:00:00Z; held open, generation 0: tag closed-on is not there');
  expect(text).toContain(
    'would be retained until 2027-02-27T00:00:00Z by rule open, held open, generation 0',
  );
});
