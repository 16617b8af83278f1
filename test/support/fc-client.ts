import { createHash, createHmac } from 'node:crypto';
import type { Cloud } from '../../local/cloud.ts';
import { systemClock } from '../../shared/platform/clock.ts';

export const fcKey = { id: 'holdfast', secret: 'holdfast-secret' };

export interface FcRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: { readonly id: string; readonly secret: string };
  readonly body?: string | Buffer;
  /** Instead of that of a function. */
  readonly path?: string;
  /** The time in the date header; the machine's unless given. */
  readonly date?: Date;
}

/** Calls the invocation API as @alicloud/fc2 2.6.6 does with its version set to 2023-03-30. */
export async function callFc(
  cloud: Cloud,
  target: string,
  {
    method = 'POST',
    headers = {},
    key = fcKey,
    body = '',
    date = systemClock.now(),
    ...request
  }: FcRequest = {},
): Promise<Response> {
  const path = request.path ?? `/2023-03-30/functions/${target}`;
  const sent: Record<string, string> = {
    date: date.toUTCString(),
    'content-type': 'application/octet-stream',
    'content-md5': createHash('md5').update(body).digest('base64'),
    'x-fc-account-id': '1000000000000001',
    ...headers,
  };
  const fcHeaders = Object.entries(sent)
    .filter(([header]) => header.startsWith('x-fc-'))
    .map(([header, value]) => `${header}:${value}\n`)
    .sort()
    .join('');
  const signed = [method, sent['content-md5'], sent['content-type'], sent['date']].join('\n');
  const text = `${signed}\n${fcHeaders}${path.split('?')[0]}`;
  const signature = createHmac('sha256', key.secret).update(text).digest('base64');
  return await fetch(`${cloud.url}${path}`, {
    method,
    headers: { ...sent, authorization: `FC ${key.id}:${signature}` },
    ...(method === 'GET' ? {} : { body }),
  });
}
