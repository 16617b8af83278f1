import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Clock, followingClock } from '../../../shared/platform/clock.ts';
import { configurationNames, readConfig } from '../../../shared/platform/config.ts';
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

it('the configuration refuses every name that is two slips away from one it reads', () => {
  const letter = fc.constantFrom(...'ABCDHLOST_x-1');
  const slip = fc.record({
    at: fc.nat(30),
    taken: fc.constantFrom(0, 1),
    put: fc.oneof(letter, fc.constant('')),
  });
  const slips = fc.array(slip, { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(fc.constantFrom(...configurationNames), slips, (name, made) => {
      const slipped = made.reduce(
        (text, { at, taken, put }) => text.slice(0, at) + put + text.slice(at + taken),
        name,
      );
      fc.pre(!configurationNames.includes(slipped));
      expect(() => readConfig({ [slipped]: 'true' })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(slipped) }),
      );
    }),
    { numRuns: 300 },
  );
});

/** The same as a schema: config.ts reads by hand, because loading zod takes nearly as long as starting Node.js. */
const schema = z.object({
  HOLDFAST_RULES: z.string().default('rules.yaml'),
  HOLDFAST_REGION: z.string().optional(),
  HOLDFAST_OSS_ENDPOINT: z.string().optional(),
  HOLDFAST_FC_ENDPOINT: z.url().optional(),
  HOLDFAST_TASK_QPS: z.coerce.number().int().min(1).default(100),
  HOLDFAST_DRY_RUN: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', '1', 'yes', 'false', '0', 'no']))
    .transform((word) => ['true', '1', 'yes'].includes(word))
    .default(false),
  HOLDFAST_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

it('the configuration accepts and reads what its schema does', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'true',
      'TRUE',
      'Yes',
      'no',
      '0',
      '1',
      '01',
      '1.0',
      ' 7 ',
      '1e3',
      '1e400',
      '-1',
      '0x10',
      'NaN',
    ),
    fc.constantFrom('9007199254740991', '9007199254740993', '1_000', 'warn', 'WARN', 'debug ', 'rules.yaml'),
    fc.constantFrom(
      'http://127.0.0.1:1',
      'https://a.b/c?d',
      'http://',
      'here',
      'http://a b',
      'x:y',
      'http://[::1]',
    ),
    fc.webUrl(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.string({ minLength: 1 }),
  );
  const environment = fc.record(Object.fromEntries(Object.keys(schema.shape).map((name) => [name, text])), {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(environment, (env) => {
      const { success, data } = schema.safeParse(env);
      if (!success) {
        expect(() => readConfig(env)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
        return;
      }
      expect(readConfig(env)).toEqual({
        rules: data.HOLDFAST_RULES,
        region: data.HOLDFAST_REGION,
        endpoint: data.HOLDFAST_OSS_ENDPOINT,
        functionsEndpoint: data.HOLDFAST_FC_ENDPOINT,
        taskQps: data.HOLDFAST_TASK_QPS,
        dryRun: data.HOLDFAST_DRY_RUN,
        logLevel: data.HOLDFAST_LOG_LEVEL,
      });
    }),
    { numRuns: 100 },
  );
});

describe('the log', () => {
  it('is one JSON line with time, level and message first of all by the injected clock', () => {
    const lines: string[] = [];
    const log = createLog('info', fixed('2026-11-21T10:00:00Z'), { write: (line) => void lines.push(line) });
    log.child({ function: 'object-created' }).warn({ bucket: 'b' }, 'skipped');
    log.debug({}, 'not shown');
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

  it('adds the keys of each child to its own lines, the nearest last, and shows a level from its rank on', () => {
    const lines: string[] = [];
    const log = createLog('warn', fixed('2026-11-21T10:00:00Z'), { write: (line) => void lines.push(line) });
    const child = log.child({ function: 'object-created', at: 'instance' });
    child.child({ requestId: 'R1', at: 'invocation' }).error({ code: 'X' }, '100 % of it');
    child.warn({ at: 'line' }, 'second');
    for (const level of ['info', 'debug'] as const) child[level]({}, 'not shown');
    const time = '2026-11-21T10:00:00.000Z';
    expect(lines).toEqual([
      `{"time":"${time}","level":"error","function":"object-created","at":"invocation","requestId":"R1","code":"X","msg":"100 % of it"}\n`,
      `{"time":"${time}","level":"warn","function":"object-created","at":"line","msg":"second"}\n`,
    ]);
  });

  it('shows an error by its code, reason and remedy, and what is not coded as unexpected', () => {
    const error = failure(
      'NO_SUCH_BUCKET',
      { operation: 'HeadObject', address: 'oss://b' },
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
