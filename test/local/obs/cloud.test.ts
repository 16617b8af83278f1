import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { day } from '../../../shared/platform/instant.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud({ clock: new Date('2026-11-22T10:00:00Z'), clouds: ['oss', 'obs'] });
});
afterEach(() => cloud.close());

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request in path style with the signature of OBS; the resource is what is signed of the address. */
async function send(method: string, resource: string, { body, headers = {} }: Sent = {}): Promise<Response> {
  const date = cloud.time.now().toUTCString();
  const own = { ...headers, 'x-obs-date': date };
  const signedHeaders = Object.entries(own)
    .filter(([name]) => name.startsWith('x-obs-'))
    .sort()
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  const text = `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n\n${signedHeaders}${resource}`;
  const signature = createHmac('sha1', 'holdfast-secret').update(text).digest('base64');
  return await fetch(`${cloud.obs?.url}${resource}`, {
    method,
    headers: { ...own, authorization: `OBS holdfast:${signature}` },
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
}

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${/<Code>(\w+)/.exec(await response.text())?.[1] ?? ''}`.trim();

const retention = (until: number, mode = 'COMPLIANCE'): string =>
  `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`;

/** The clock of the cloud goes on, dates are counted from where it started. */
const later = (days: number): number => Date.parse('2026-11-22T10:00:00Z') + days * day;

async function protectedVersion(): Promise<string> {
  await send('PUT', '/records', { headers: { 'x-obs-bucket-object-lock-enabled': 'true' } });
  const put = await send('PUT', '/records/k', { body: 'hello' });
  const version = `/records/k?versionId=${put.headers.get('x-obs-version-id')}`;
  const kept = version.replace('?', '?retention&');
  expect(await codeOf(await send('PUT', kept, { body: retention(later(10)) }))).toBe('200');
  return version;
}

describe('OBS beside OSS', () => {
  test('has a port, buckets and version ids of its own, and the same clock', async () => {
    expect(cloud.obs?.url).not.toBe(cloud.url);
    const version = await protectedVersion();
    expect(cloud.oss.requests.list()).toEqual([]);
    expect(await codeOf(await send('DELETE', version))).toBe('403 AccessDenied');
    await cloud.advance(11 * day);
    expect(await codeOf(await send('DELETE', version))).toBe('204');
  });

  test('meets the faults that the admin API is told of, and shows its requests there', async () => {
    const rule = { operation: 'CreateBucket', effect: { status: 503, code: 'ServiceUnavailable' }, times: 1 };
    const told = await fetch(`${cloud.url}/_local/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
    expect(told.status).toBe(200);
    expect(await codeOf(await send('PUT', '/records'))).toBe('503 ServiceUnavailable');
    expect(await codeOf(await send('PUT', '/records'))).toBe('200');
    const seen: unknown = await (await fetch(`${cloud.obs?.url}/_local/requests`)).json();
    expect(seen).toMatchObject([{ operation: 'CreateBucket', status: 503 }, { status: 200 }]);
  });

  test('keeps web pages out', async () => {
    const response = await fetch(`${cloud.obs?.url}/records`, {
      headers: { origin: 'https://evil.example' },
    });
    expect([response.status, await response.json()]).toMatchObject([403, { code: 'FOREIGN_ORIGIN' }]);
  });
});

describe('what is not known of OBS', () => {
  const turn = async (switches: unknown): Promise<number> =>
    (
      await fetch(`${cloud.url}/_local/obs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(switches),
      })
    ).status;

  test('an equal date is refused, unless it is switched to be accepted; a nearer one always', async () => {
    const version = await protectedVersion();
    const kept = version.replace('?', '?retention&');
    const put = async (until: number) => await codeOf(await send('PUT', kept, { body: retention(until) }));
    expect(await put(later(10))).toBe('400 InvalidRequest');
    expect(await turn({ equalDateAccepted: true })).toBe(200);
    expect([await put(later(10)), await put(later(9))]).toEqual(['200', '400 InvalidRequest']);
  });

  test('the headers of a retention vanish for who may not read them', async () => {
    const version = await protectedVersion();
    const read = async () => (await send('HEAD', version)).headers.get('x-obs-object-lock-retain-until-date');
    expect(await read()).toBe(new Date(later(10)).toISOString());
    await turn({ retentionHidden: true });
    expect(await read()).toBeNull();
  });

  test('a region may offer neither tags nor WORM', async () => {
    const version = await protectedVersion();
    await turn({ noTags: true, noWorm: true });
    expect(await codeOf(await send('GET', version.replace('?', '?tagging&')))).toBe('405 MethodNotAllowed');
    expect(await codeOf(await send('PUT', '/records/t', { headers: { 'x-obs-tagging': 'a=b' } }))).toBe(
      '405 MethodNotAllowed',
    );
    expect(
      await codeOf(await send('PUT', '/more', { headers: { 'x-obs-bucket-object-lock-enabled': 'true' } })),
    ).toBe('405 MethodNotAllowed');
  });

  test('an unknown switch is refused with the names that there are', async () => {
    expect(await turn({ equalDate: true })).toBe(400);
  });
});

describe('refusals', () => {
  test.each([
    ['GET of the default rule without WORM', 'GET', '/plain?object-lock', '', '400 InvalidRequest'],
    [
      'PUT of a default rule without versioning',
      'PUT',
      '/plain?object-lock',
      '<ObjectLockConfiguration/>',
      '400 InvalidRequest',
    ],
    ['retention without WORM', 'PUT', '/plain/k?retention', retention(4102444800000), '400 InvalidRequest'],
    ['an unknown sub-resource', 'PUT', '/plain?website', '', '501 NotImplemented'],
    ['reading a retention', 'GET', '/plain/k?retention', '', '501 NotImplemented'],
    [
      'tags without a digest',
      'PUT',
      '/plain/k?tagging',
      '<Tagging><TagSet></TagSet></Tagging>',
      '400 InvalidRequest',
    ],
    ['tags that are not there', 'GET', '/plain/k?tagging', '', '404 NoSuchTagSet'],
    ['a version that is not there', 'DELETE', '/none/k', '', '404 NoSuchBucket'],
  ])('%s', async (_, method, resource, body, expected) => {
    await send('PUT', '/plain');
    await send('PUT', '/plain/k', { body: 'x' });
    expect(await codeOf(await send(method, resource, body === '' ? {} : { body }))).toBe(expected);
  });

  test.each([
    ['<Days>0</Days>', 400],
    ['<Days>36501</Days>', 400],
    ['<Years>0</Years>', 400],
    ['<Years>101</Years>', 400],
    ['<Days>1</Days><Years>1</Years>', 400],
    ['<Days>36500</Days>', 200],
    ['<Years>100</Years>', 200],
  ])('a default rule of %s: %s', async (period, status) => {
    await send('PUT', '/records', { headers: { 'x-obs-bucket-object-lock-enabled': 'true' } });
    const rule = `<Rule><DefaultRetention><Mode>COMPLIANCE</Mode>${period}</DefaultRetention></Rule>`;
    const body = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`;
    expect((await send('PUT', '/records?object-lock', { body })).status).toBe(status);
    const text = await (await send('GET', '/records?object-lock')).text();
    if (status === 200) expect(text).toContain(period);
    else expect(text).not.toContain('<Rule>');
    expect((await send('PUT', '/records?object-lock', { body: '<ObjectLockConfiguration/>' })).status).toBe(
      200,
    );
    expect(await (await send('GET', '/records?object-lock')).text()).not.toContain('<Rule>');
  });

  test('versioning of a bucket with WORM cannot be suspended', async () => {
    await protectedVersion();
    const body = '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>';
    expect(await codeOf(await send('PUT', '/records?versioning', { body }))).toBe('409 InvalidBucketState');
  });
});

test('says that it is OBS to a client of OSS, whatever the signature', async () => {
  for (const authorization of ['OSS holdfast:x', 'OSS4-HMAC-SHA256 Credential=holdfast']) {
    const reply = await fetch(`${cloud.obs?.url}/fin-eu`, { method: 'PUT', headers: { authorization } });
    expect(reply.status).toBe(400);
    expect(await reply.text()).toMatch(/serves OBS, and the request is signed for OSS: start .*oss,obs/);
  }
});
