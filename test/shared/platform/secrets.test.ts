import { describe, expect, test } from 'vitest';
import { failure } from '../../../shared/platform/errors.ts';
import { createLog, errorFields } from '../../../shared/platform/log.ts';
import { rememberSecrets, withoutSecrets } from '../../../shared/platform/secrets.ts';
import { manualClock } from '../../support/manual-clock.ts';

const secret = 'kL3/secret+of=the-key';
const token = 'CAISxyz/token+with==signs';
rememberSecrets(secret, token);

describe('no text carries a secret', () => {
  test.each([
    ['the secret itself', `refused: ${secret}!`],
    ['the token in a URL', `https://b.oss/k?security-token=${encodeURIComponent(token)}&x=1`],
    ['a signature of version 4', `x-oss-signature=${'0a'.repeat(32)}`],
    ['a signature of version 1 in a URL', 'k?Signature=aBcDeFgHiJkLmNoPqRsTuVwXyZ0%3D&OSSAccessKeyId=x'],
    ['an Authorization header', 'Authorization: OSS LTAI4FexampleX:aBcDeFgHiJkLmNoPqRsTuVwXyZ0='],
  ])('%s', (_what, text) => {
    const clean = withoutSecrets(text);
    expect(clean).toContain('[secret]');
    for (const part of [
      secret,
      token,
      encodeURIComponent(token),
      '0a'.repeat(32),
      'aBcDeFgHiJkLmNoPqRsTuVwXyZ0',
    ]) {
      expect(clean).not.toContain(part);
    }
  });

  test('an error, its log line and an unknown error', () => {
    const error = failure('RULES_UNREADABLE', { source: 'x', reason: `said ${token}` });
    expect(error.message).toContain('said [secret]');
    expect(JSON.stringify(errorFields(new Error(`said ${secret}`)))).not.toContain(secret);
    const lines: string[] = [];
    createLog('info', manualClock('2026-11-21T10:00:00Z'), { write: (line) => lines.push(line) }).info(
      { key: 'k', headers: { token } },
      secret,
    );
    expect(JSON.parse(lines.join(''))).toMatchObject({
      key: 'k',
      headers: { token: '[secret]' },
      msg: '[secret]',
    });
  });

  test.each(['docs/signature=final.pdf', 'a/security-token.txt', 'OSS report: 2026', 'Authorization: none'])(
    'and the name of an object stays as it is: %s',
    (key) => expect(withoutSecrets(key)).toBe(key),
  );
});
