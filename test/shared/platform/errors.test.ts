import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../../shared/platform/error-table.ts';
import { failure, HoldfastError, hasCode } from '../../../shared/platform/errors.ts';

const folder = 'shared/platform/error-table';

describe('the table of errors', () => {
  it('has each code of each area, and no code in two areas', () => {
    const areas = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    const codes = areas.flatMap((area) => [...area.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, code]) => code));
    expect(codes.toSorted()).toEqual(Object.keys(errorTable).toSorted());
  });

  it.each(Object.entries(errorTable))('%s says what happened and what to do', (code, entry) => {
    expect(code).toMatch(/^[A-Z][A-Z_]+[A-Z]$/);
    expect(entry.message).not.toBe('');
    expect(entry.remedy).not.toBe('');
    expect(`${entry.message} ${entry.remedy}`).not.toMatch(/\.$/);
  });

  it('fills every hole, in message and remedy', () => {
    const error = failure('CONFIG_INVALID', { name: 'HOLDFAST_DRY_RUN', reason: 'it says {maybe}' });
    expect(error.message).toBe('HOLDFAST_DRY_RUN is not usable: it says {maybe}');
    expect(error.remedy).toBe('set HOLDFAST_DRY_RUN as docs/configuration.md says');
  });

  it('keeps the cause and the words of the service', () => {
    const cause = new Error('connect ECONNREFUSED');
    const reply = { status: 503, code: 'ServiceUnavailable', requestId: 'R1' };
    const error = failure(
      'THROTTLED',
      { operation: 'HeadObject', target: 'oss://b/k', code: 'X' },
      { cause, reply },
    );
    expect(error).toMatchObject({ code: 'THROTTLED', transient: true, cause, reply });
    expect(hasCode(error, 'UNREACHABLE', 'THROTTLED')).toBe(true);
    expect(hasCode(error, 'UNREACHABLE')).toBe(false);
    expect(hasCode(cause, 'THROTTLED')).toBe(false);
    expect(error).toBeInstanceOf(HoldfastError);
  });
});
