import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { signObs } from '../../../../shared/storage/obs/signature.ts';
import { parseCapture } from '../../../support/oss-captures.ts';

const folder = new URL('../../../local/obs/captures/', import.meta.url);
const credentials = { accessKeyId: 'AKtestkeyid', accessKeySecret: 'testsecret' };

/** The requests of Huawei's clients that were signed with the signature of OBS: they address the bucket by host. */
const captures = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), 'latin1')
    .split('\n=== next request ===\n')
    .map((part) => parseCapture(file, part))
    .filter(({ request }) => request.headers['authorization']?.startsWith('OBS ')),
);

test.each(captures.map((capture) => [capture.name, capture] as const))('%s is signed alike', (_, capture) => {
  const { method, headers, query } = capture.request;
  const signed = signObs(
    {
      method,
      resource: `/${capture.host.split('.')[0]}${capture.target.split('?')[0]}`,
      parameters: Object.fromEntries(query),
      headers: Object.entries(headers),
    },
    credentials,
  );
  expect(signed).toBe(headers['authorization']);
});

test('there are captures of two clients', () => {
  expect(new Set(captures.map(({ name }) => name.split('-')[0])).size).toBe(2);
  expect(captures.length).toBeGreaterThan(15);
});
