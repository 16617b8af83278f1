import { describe, expect, it } from 'vitest';
import { type Clock, followingClock } from '../../../shared/platform/clock.ts';
import { readConfig } from '../../../shared/platform/config.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { ceilToSecond, formatInstant } from '../../../shared/platform/instant.ts';
import { createLog, errorFields } from '../../../shared/platform/log.ts';

const fixed = (text: string): Clock => ({ now: () => new Date(text), sleep: () => Promise.resolve() });

describe('a clock that follows the service', () => {
  const machine = fixed('2026-11-21T10:00:00.500Z');
  it.each([
    [
      'keeps the machine time when the header only lacks milliseconds',
      '2026-11-21T10:00:00Z',
      '2026-11-21T10:00:00.500Z',
    ],
    ['goes forward with the service', '2026-11-22T07:00:00Z', '2026-11-22T07:00:00.000Z'],
    ['goes back with the service', '2026-11-21T09:30:00Z', '2026-11-21T09:30:00.000Z'],
  ])('%s', (_what, header, expected) => {
    const clock = followingClock(machine);
    clock.observe(new Date(header));
    expect(clock.now().toISOString()).toBe(expected);
  });

  it('is the machine clock before it has heard of the service, and again when both agree', () => {
    const clock = followingClock(machine);
    expect(clock.now()).toEqual(machine.now());
    clock.observe(new Date('2026-11-22T07:00:00Z'));
    clock.observe(new Date('2026-11-21T10:00:01Z'));
    expect(clock.now()).toEqual(machine.now());
  });
});

describe('instants', () => {
  it.each([
    ['2026-11-21T10:00:00.000Z', '2026-11-21T10:00:00Z'],
    ['2026-11-21T10:00:00.001Z', '2026-11-21T10:00:01Z'],
    ['2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00Z'],
    ['1969-12-31T23:59:59.500Z', '1970-01-01T00:00:00Z'],
  ])('%s rounds up to %s', (text, expected) => {
    expect(formatInstant(ceilToSecond(new Date(text)))).toBe(expected);
  });
});

describe('the configuration', () => {
  it('has defaults, and an empty variable counts as unset', () => {
    const expected = {
      rules: 'rules.yaml',
      region: undefined,
      endpoint: undefined,
      functionsEndpoint: undefined,
      taskQps: 100,
      dryRun: false,
      logLevel: 'info',
    };
    expect(readConfig({})).toEqual(expected);
    expect(readConfig({ HOLDFAST_DRY_RUN: '', HOLDFAST_RULES: '', HOLDFAST_LOG_LEVEL: '' })).toEqual(
      expected,
    );
  });

  it.each(['true', '1', 'yes'])('takes %s for a dry run', (text) => {
    expect(readConfig({ HOLDFAST_DRY_RUN: text }).dryRun).toBe(true);
  });

  it.each([
    ['HOLDFAST_DRY_RUN', 'ture'],
    ['HOLDFAST_LOG_LEVEL', 'loud'],
    ['HOLDFAST_FC_ENDPOINT', 'here'],
    ['HOLDFAST_TASK_QPS', '0'],
    ['HOLDFAST_TASK_QPS', 'many'],
  ])('refuses %s=%s by name: a misspelt dry run must not write', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`${name} is not usable`),
      }),
    );
  });
});

describe('the log', () => {
  it('is one JSON line with time, level and message first of all by the injected clock', () => {
    const lines: string[] = [];
    const log = createLog('info', fixed('2026-11-21T10:00:00Z'), { write: (line) => void lines.push(line) });
    log.child({ function: 'object-created' }).warn({ bucket: 'b' }, 'skipped');
    log.debug('not shown');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'warn',
        time: '2026-11-21T10:00:00.000Z',
        function: 'object-created',
        bucket: 'b',
        msg: 'skipped',
      },
    ]);
    expect(lines[0]).toMatch(/\n$/);
  });

  it('shows an error by its code, reason and remedy, and what is not coded as unexpected', () => {
    const error = failure(
      'NO_SUCH_BUCKET',
      { operation: 'HeadObject', bucket: 'b' },
      { reply: { requestId: 'R1' } },
    );
    expect(errorFields(error)).toMatchObject({
      code: 'NO_SUCH_BUCKET',
      remedy: expect.any(String),
      ossRequestId: 'R1',
    });
    expect(errorFields(new TypeError('x is not a function'))).toMatchObject({ code: 'UNEXPECTED' });
    expect(errorFields('text')).toEqual({ code: 'UNEXPECTED', reason: 'text' });
  });
});
