import { describe, expect, it } from 'vitest';
import {
  disposableVersion,
  dispositionPlanText,
  finishDispositionPlan,
  parseDispositionPlan,
} from '../../../shared/disposition/plan.ts';
import { HoldfastError } from '../../../shared/platform/errors.ts';

const given: Parameters<typeof finishDispositionPlan>[0] = {
  ...{ madeAt: '2028-03-01T10:00:00Z', region: 'cn-hangzhou', rulesHash: 'sha256:1' },
  version: 1,
  cloud: 'oss',
  ...{ targets: ['oss://hr-1'], whole: [], versions: 2, bytes: 30, kept: { matter: 3 } },
  list: 'ab'.repeat(32),
};
const made = () => finishDispositionPlan(given);
/** The text of a plan after somebody has changed it. */
const changed = (part: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ ...JSON.parse(dispositionPlanText(made())), ...part });
const refused = (text: string) => {
  try {
    return parseDispositionPlan(text, 'd/plan.json');
  } catch (error) {
    if (error instanceof HoldfastError) return `${error.code} ${error.message}`;
    throw error;
  }
};

describe('a plan of disposition', () => {
  it('is read as it was written, with the hash over all of it', () => {
    const plan = made();
    expect(plan.hash).toBe('sha256:8c09f54b7e1e610697d66e00b11cd236882a1e948ab99a25e0a9c3a8003b851c');
    const text = dispositionPlanText(plan);
    expect(text.startsWith('{\n  "format": "holdfast.disposition.plan/1",\n  "version": 1,\n')).toBe(true);
    expect(text.endsWith('}\n')).toBe(true);
    expect(parseDispositionPlan(text, 'plan.json')).toEqual(plan);
  });

  it('has one hash, in whatever order its parts were given', () => {
    const { version, madeAt, cloud, ...rest } = given;
    expect(finishDispositionPlan({ ...rest, cloud, madeAt, version })).toEqual(made());
  });

  it.each<[string, () => string, RegExp]>([
    [
      'with one version more',
      () => changed({ versions: 3 }),
      /its hash does not fit: it was edited or cut off/,
    ],
    ['with another hash', () => changed({ hash: 'sha256:0' }), /its hash does not fit/],
    ['of another form', () => changed({ format: 'holdfast.plan/1' }), /format/],
    ['with a key that it does not know', () => changed({ more: 1 }), /more/],
    ['with a list that is no hash', () => changed({ list: `x${'ab'.repeat(32)}` }), /list/],
    ['with a list that is longer than a hash', () => changed({ list: `${'ab'.repeat(32)}0` }), /list/],
    ['that is cut off', () => dispositionPlanText(made()).slice(0, 100), /d\/plan\.json/],
  ])('%s is none', (_what, textOf, problem) => {
    const said = refused(textOf());
    expect(said).toMatch(/^DISPOSITION_PLAN_INVALID .*d\/plan\.json/);
    expect(said).toMatch(problem);
  });

  it('that is no JSON is refused with what reading it has thrown', () => {
    const cause: unknown = expect.any(SyntaxError);
    const read = () => parseDispositionPlan('{', 'd/plan.json');
    expect(read).toThrow(expect.objectContaining({ code: 'DISPOSITION_PLAN_INVALID', cause }));
  });
});

it('a version of a plan is read with its dates, and with nothing that it does not know', () => {
  const line = {
    ...{ bucket: 'hr-1', key: 'a', versionId: 'v1', size: 1, rule: 'letters', why: 'its time is over' },
    ...{ lastModified: '2028-01-01T00:00:00Z', until: '2028-01-31T00:00:00Z' },
  };
  expect(disposableVersion.parse(line)).toMatchObject({ until: new Date('2028-01-31T00:00:00Z') });
  expect(disposableVersion.safeParse({ ...line, more: 1 }).success).toBe(false);
  expect(disposableVersion.safeParse({ ...line, size: -1 }).success).toBe(false);
});
