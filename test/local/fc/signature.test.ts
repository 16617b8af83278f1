import { describe, expect, test } from 'vitest';
import { refuseSignature } from '../../../local/fc/signature.ts';
import type { SignedRequest } from '../../../local/fc/signature-refusal.ts';
import { minute, second } from '../../../shared/platform/instant.ts';
import { capturedKey, type FcCapture, readFcCaptures } from '../../support/fc-captures.ts';

const files = ['deploy-first', 'bucket-changed', 'invoke-info-logs', 'remove'];
const captures = files.flatMap(readFcCaptures).filter(({ form }) => form === 'ACS3' || form === 'FC');
const { accessKeyId, accessKeySecret } = capturedKey;

const requestOf = ({ method, url, headers, body }: FcCapture): SignedRequest => {
  const [path = '', query = ''] = url.split('?', 2);
  return { method, path, query, headers, body: Buffer.from(body) };
};

const judge = (
  request: SignedRequest,
  { signedAt }: FcCapture,
  offMs = 0,
  key: { secret: string; securityToken?: string } = { secret: accessKeySecret },
) => {
  const findKey = (id: string) => (id === accessKeyId ? key : undefined);
  return refuseSignature(request, { findKey, clocks: [() => new Date(signedAt.getTime() + offMs)] });
};

/** The request with other headers; an undefined one is left out. */
const withHeaders = (request: SignedRequest, changes: Readonly<Record<string, string | undefined>>) => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries({ ...request.headers, ...changes }).filter(([, value]) => value !== undefined),
  ),
});

/** The request with one thing about it changed, under the name of the change. */
function mutationsOf(request: SignedRequest, form: string): Record<string, SignedRequest> {
  const { authorization = '' } = request.headers;
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? ['date', 'x-fc-account-id'];
  const ofHeaders = signed.flatMap((name) => [
    [`${name} changed`, withHeaders(request, { [name]: `${request.headers[name]}x` })] as const,
    [`${name} left out`, withHeaders(request, { [name]: undefined })] as const,
  ]);
  const authorizedBy = (text: string) => withHeaders(request, { authorization: text });
  return {
    method: { ...request, method: request.method === 'GET' ? 'DELETE' : 'GET' },
    path: { ...request, path: `${request.path}x` },
    ...Object.fromEntries(ofHeaders),
    signature: authorizedBy(authorization.replace(/.{3}$/, '000')),
    key: authorizedBy(authorization.replace(accessKeyId, 'nobody')),
    'no authorization': withHeaders(request, { authorization: undefined }),
    'another form': authorizedBy(`Bearer ${authorization}`),
    ...(form === 'FC'
      ? { 'a header more': withHeaders(request, { 'x-fc-trace': 'on' }) }
      : {
          query: { ...request, query: `${request.query}&a=b` },
          body: { ...request, body: Buffer.concat([request.body ?? Buffer.of(), Buffer.of(32)]) },
          'a header more': withHeaders(request, { 'x-acs-extra': 'on' }),
          'a token more': withHeaders(request, { 'x-acs-security-token': 'token' }),
          'a signed header more': authorizedBy(
            authorization.replace('SignedHeaders=', 'SignedHeaders=accept;'),
          ),
          'a signed header less': authorizedBy(authorization.replace(';x-acs-date', '')),
        }),
  };
}

describe('every captured request of the real tool', () => {
  test.each(captures.map((capture) => [capture.name, capture] as const))('%s', (_name, capture) => {
    const request = requestOf(capture);
    expect(judge(request, capture)).toBeUndefined();
    for (const [name, mutation] of Object.entries(mutationsOf(request, capture.form))) {
      expect(judge(mutation, capture), name).toMatchObject({ code: expect.any(String) });
    }
  });
});

const [first] = captures.filter(({ url, form }) => form === 'ACS3' && url.includes('qualifier'));
if (first === undefined) throw new Error('no captured request has a query');
const request = requestOf(first);

test('names in SignedHeaders and parameters of the query may stand in any order', () => {
  const { authorization = '' } = request.headers;
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? '';
  const reversed = authorization.replace(names, names.split(';').reverse().join(';'));
  expect(judge(withHeaders(request, { authorization: reversed }), first)).toBeUndefined();
  const remove = captures.find(({ url }) => url.includes('&limit=100'));
  if (remove === undefined) throw new Error('no captured request has two parameters');
  const turned = requestOf(remove);
  const query = (turned.query ?? '').split('&').reverse().join('&');
  expect(judge({ ...turned, query }, remove)).toBeUndefined();
});

test.each([
  [15 * minute, undefined],
  [-15 * minute, undefined],
  [15 * minute + second, 'AccessDenied'],
  [-15 * minute - second, 'AccessDenied'],
])('a date that is %i ms off the clock is refused as %s', (off, code) => {
  expect(judge(request, first, off)?.code).toBe(code);
});

test.each([
  ['another secret', 403, 'SignatureNotMatch', {}, { secret: 'x' }],
  [
    'an unknown key',
    403,
    'InvalidAccessKeyID',
    { authorization: request.headers.authorization?.replace(accessKeyId, 'x') },
    undefined,
  ],
  [
    'a temporary key without its token',
    403,
    'AccessDenied',
    {},
    { secret: accessKeySecret, securityToken: 't' },
  ],
  ['no date', 400, 'MissingRequiredHeader', { 'x-acs-date': undefined }, undefined],
  ['no nonce', 400, 'MissingRequiredHeader', { 'x-acs-signature-nonce': undefined }, undefined],
  ['another hash of the body', 400, 'InvalidArgument', { 'x-acs-content-sha256': '0' }, undefined],
  ['a date that is none', 403, 'AccessDenied', { 'x-acs-date': 'yesterday' }, undefined],
])('%s is refused with %i %s', (_what, status, code, headers, key) => {
  const changed = { ...withHeaders(request, headers), body: Buffer.of() };
  expect(judge(changed, first, 0, key)).toMatchObject({ status, code });
});
