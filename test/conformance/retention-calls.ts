import { element, type Reply } from './client.ts';
import { type Extra, request } from './object-calls.ts';
import type { Target } from './target.ts';

// The calls about retention and legal hold. Each sends one request and returns the reply as it came.

export function retain(
  { send }: Target,
  bucket: string,
  key: string,
  until: string,
  { mode = 'COMPLIANCE', ...extra }: Extra & { readonly mode?: string } = {},
): Promise<Reply> {
  const body = `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`;
  return send({ method: 'PUT', bucket, key, ...request(extra, { retention: '' }), body });
}

export function readRetention(
  { send }: Target,
  bucket: string,
  key: string,
  extra: Extra = {},
): Promise<Reply> {
  return send({ method: 'GET', bucket, key, ...request(extra, { retention: '' }) });
}

/** What retains an object, in one line: `COMPLIANCE 2030-01-01T00:00:00.000Z`, or the code that says nothing does. */
export async function retentionOf(
  target: Target,
  bucket: string,
  key: string,
  extra: Extra = {},
): Promise<string> {
  const { code, body } = await readRetention(target, bucket, key, extra);
  return code || `${element(body, 'Mode')} ${element(body, 'RetainUntilDate')}`;
}

export function hold(
  { send }: Target,
  bucket: string,
  key: string,
  status: string,
  extra: Extra = {},
): Promise<Reply> {
  const body = `<LegalHold><Status>${status}</Status></LegalHold>`;
  return send({ method: 'PUT', bucket, key, ...request(extra, { legalHold: '' }), body });
}

export function readHold({ send }: Target, bucket: string, key: string, extra: Extra = {}): Promise<Reply> {
  return send({ method: 'GET', bucket, key, ...request(extra, { legalHold: '' }) });
}
