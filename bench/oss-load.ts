import { systemClock } from '../shared/platform/clock.ts';
import { type Load, type RawRequest, sendAll } from './raw-client.ts';
import type { Served } from './serve.ts';

const until = '2066-01-01T00:00:00.000Z';
const retention = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`;
const worm =
  '<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>';
const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
const body = 'x'.repeat(100);

const setUp: readonly RawRequest[] = [
  { method: 'PUT', path: '/bench/' },
  { method: 'PUT', path: '/bench/', query: 'versioning', body: versioning },
  { method: 'PUT', path: '/bench/', query: 'objectWorm', body: worm },
];
/** Small signed requests, by their kind. Each is made for a key. */
export const kinds: Readonly<Record<string, (key: string) => RawRequest>> = {
  'PUT 100 bytes': (key) => ({ method: 'PUT', path: `/bench/${key}`, body }),
  HEAD: (key) => ({ method: 'HEAD', path: `/bench/${key}` }),
  PutObjectRetention: (key) => ({
    method: 'PUT',
    path: `/bench/${key}`,
    query: 'retention',
    body: retention,
  }),
};

export interface Rate {
  readonly perSecond: number;
  /** Requests that a core with nothing else to do would handle: other programs on the machine do not count. */
  readonly perCpuSecond: number;
}

/**
 * Measures the rate of each kind, after as many requests that are not counted. Those have keys of their own, so that what is counted is
 * their first time too: a retention that is set anew takes another way through the server than one that is set already.
 * @param count requests of a kind
 */
export async function measureRates({ port, usage }: Served, count: number, load: Load): Promise<Rate[]> {
  const now = systemClock.now();
  for (const request of setUp) await sendAll(port, now, 1, { connections: 1, pipelined: 1 }, () => request);
  const rates: Rate[] = [];
  for (const request of Object.values(kinds)) {
    const send = (series: string) =>
      sendAll(port, now, count, load, (index) => request(`${series}-${index}`));
    await send('uncounted'); // until the engine has compiled what runs often
    const { cpuMs } = await usage();
    const started = performance.now();
    await send('counted');
    const perSecond = (count * 1000) / (performance.now() - started);
    rates.push({ perSecond, perCpuSecond: (count * 1000) / ((await usage()).cpuMs - cpuMs) });
  }
  return rates;
}
