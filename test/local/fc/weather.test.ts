import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../../../local/fc/delivery.ts';
import { createWeather } from '../../../local/fc/weather.ts';
import { hour, minute } from '../../../shared/platform/instant.ts';
import { folderWith } from '../../support/cli.ts';
import { cloudWith } from '../../support/cloud.ts';
import { ossTrigger, runtimeWith } from '../../support/functions.ts';

const message = (trigger = 'uploads'): Message => ({
  requestId: 'r',
  function: 'f',
  trigger,
  event: Buffer.from('{}'),
});
const deliveries = (rule: object, count = 200) => {
  const weather = createWeather();
  weather.add({ kind: 'events', ...rule });
  return Array.from({ length: count }, () => weather.deliver(message()));
};

test('without rules every event arrives once and at once, and no instance is killed', () => {
  const weather = createWeather();
  expect(weather.deliver(message())).toEqual([0]);
  expect(weather.fate()).toBeUndefined();
});

test.each([
  [{ lose: 1 }, [[]]],
  [{ delayMs: 700 }, [[700]]],
])('%j does the same to every event', (rule, expected) => {
  expect(deliveries(rule, 1)).toEqual(expected);
});

test('a rate is about the part of the events that it hits', () => {
  const part = (all: readonly unknown[], hit: number) => hit / all.length;
  const lost = deliveries({ lose: 0.3 }, 2000);
  expect(part(lost, lost.filter((delays) => delays.length === 0).length)).toBeCloseTo(0.3, 1);
  const twice = deliveries({ duplicate: 0.3 }, 2000);
  expect(part(twice, twice.filter((delays) => delays.length === 2).length)).toBeCloseTo(0.3, 1);
});

test('reordering holds events back for a minute at most, so that later ones overtake them', () => {
  const delays = deliveries({ reorder: 0.5 }).flat();
  expect(delays.some((delay) => delay === 0)).toBe(true);
  expect(Math.max(...delays)).toBeGreaterThan(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(minute);
});

test('the same seed decides the same, another one differently', () => {
  const rule = { lose: 0.2, duplicate: 0.2, reorder: 0.2 };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(deliveries({ ...rule, seed }, 20)).toEqual(deliveries({ ...rule, seed }, 20));
    }),
  );
  expect(deliveries({ ...rule, seed: 1 })).not.toEqual(deliveries({ ...rule, seed: 2 }));
});

test('what the API has accepted and what goes to a destination sees no weather', () => {
  const weather = createWeather([{ kind: 'events', lose: 1 }]);
  expect(weather.deliver(message('api'))).toEqual([0]);
  expect(weather.deliver(message('destination'))).toEqual([0]);
  expect(weather.deliver(message('timer'))).toEqual([]);
});

test('instances are killed at their rate, before, during and after the work', () => {
  const weather = createWeather([{ kind: 'instances', killRate: 0.5 }]);
  const fates = Array.from({ length: 2000 }, () => weather.fate());
  expect(fates.filter((fate) => fate !== undefined).length / 2000).toBeCloseTo(0.5, 1);
  expect(fates).toContain('before');
  expect(fates).toContain('after');
  expect(fates.some((fate) => typeof fate === 'object' && fate.afterMs <= 100)).toBe(true);
});

test('a function whose instances are killed at random is tried again until it is through', async () => {
  const code = `
    const { appendFileSync } = require('node:fs');
    exports.handler = async (event) => { appendFileSync(process.env.DONE, event + '\\n'); };`;
  const asyncInvokeConfig = { maxAsyncRetryAttempts: 8, maxAsyncEventAgeInSeconds: 86400 };
  const done = join(folderWith({}), 'done');
  const runtime = runtimeWith(
    { f: { code, props: { asyncInvokeConfig } } },
    { weather: [{ kind: 'instances', killRate: 0.5, seed: 7 }], environment: { DONE: done } },
  );
  for (let n = 0; n < 6; n += 1) runtime.submit('f', Buffer.from(String(n)));
  await runtime.time.advance(24 * hour);
  const runs = runtime.invocations();
  const lines = readFileSync(done, 'utf8').trim().split('\n');
  expect(runs.filter(({ status }) => status === 'succeeded')).toHaveLength(6);
  expect(runs.filter(({ status }) => status === 'retrying').length).toBeGreaterThan(0);
  for (const run of runs.filter(({ status }) => status === 'retrying')) {
    expect(run.error?.errorMessage).toBe('Process exited unexpectedly before completing request');
  }
  expect(new Set(lines).size).toBe(6);
  expect(lines.length).toBeGreaterThan(6); // some had done their work before they were killed
});

test('the admin API sets the weather, lists it with the other faults, and clears it', async () => {
  const cloud = await cloudWith({
    f: { code: 'exports.handler = async () => {}', triggers: [ossTrigger()] },
  });
  const faults = async (method: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const reply = await fetch(`${cloud.url}/_local/faults`, init);
    return { status: reply.status, body: await reply.json() };
  };
  const oss = { operation: 'GetService', effect: { status: 503, code: 'ServiceUnavailable' } };
  await faults('POST', oss);
  await faults('POST', { kind: 'instances', killRate: 0.5 });
  const { body } = await faults('POST', { kind: 'events', lose: 1, seed: 3 });
  expect(body).toMatchObject([
    oss,
    { kind: 'instances', killRate: 0.5 },
    { kind: 'events', lose: 1, seed: 3 },
  ]);
  cloud.fc.onOssEvent({
    eventName: 'ObjectCreated:PutObject',
    eventTime: '2026-11-20T10:07:00.000Z',
    region: 'cn-hangzhou',
    oss: { bucket: { name: 'records', ownerIdentity: '1' }, object: { key: 'a' } },
  });
  await cloud.idle();
  expect(cloud.fc.invocations()).toEqual([]);
  expect((await faults('POST', { kind: 'events', loose: 1 })).status).toBe(400);
  expect((await faults('POST', { kind: 'hail' })).status).toBe(400);
  expect((await faults('DELETE')).body).toEqual([]);
  expect((await faults('GET')).body).toEqual([]);
});
