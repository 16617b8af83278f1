import { expect, it } from 'vitest';
import {
  deleteLine,
  deleteScriptEnd,
  deleteScriptHead,
  isNamedInXml,
  lifecycleXml,
} from '../../../shared/disposition/lists.ts';

const hash = `sha256:${'0123456789abcdef'.repeat(4)}`;
const version = { bucket: 'fin-1', key: 'a', versionId: 'v1' };

it('a script that deletes does nothing once the approval has ended, and counts what it could not delete', () => {
  const until = new Date('2028-03-01T10:20:30Z');
  expect(deleteScriptHead(hash, until) + deleteLine('oss', version) + deleteScriptEnd).toBe(`#!/bin/sh
# The versions of plan ${hash}, approved until 2028-03-01T10:20:30Z. Nothing in Holdfast runs this.
set -u
if [ "$(tail -n 1 "$0")" != '# the end of the plan' ]; then
  echo 'this script was cut off: nothing was deleted' >&2
  exit 1
fi
if [ "$(date -u +%Y%m%d%H%M%S)" -gt 20280301102030 ]; then
  echo 'the approval has ended: nothing was deleted' >&2
  exit 1
fi
failed=0
ossutil rm 'oss://fin-1/a' --encoding-type url --version-id 'v1' -f || failed=$((failed + 1))
if [ "$failed" -gt 0 ]; then
  echo "versions that were not deleted: $failed" >&2
  exit 1
fi
# the end of the plan
`);
});

it('the approval ends with its second, whatever its parts', () => {
  expect(deleteScriptHead(hash, new Date('2028-03-01T10:20:30.999Z'))).toMatch(/ -gt 2028030110203[01] \]/);
});

it.each([
  [
    'oss',
    "a b/it's+%.txt",
    "ossutil rm 'oss://fin-1/a%20b%2Fit%27s%2B%25.txt' --encoding-type url --version-id 'v1' -f || failed=$((failed + 1))\n",
  ],
  ['obs', "a b/it's", "obsutil rm 'obs://fin-1/a b/it'\\''s' '-versionId=v1' -f || failed=$((failed + 1))\n"],
] as const)('on %s the line for %s reaches its object and no other', (cloud, key, line) => {
  expect(deleteLine(cloud, { ...version, key })).toBe(line);
});

it('a lifecycle ends on the day after the newest version, and has a rule for each folder', () => {
  const folders = ['ledger/', 'a&b<c>/'].map((prefix) => ({ bucket: 'fin-1', prefix }));
  const rule = (number: number, prefix: string) => `  <Rule>
    <ID>disposition-0123456789abcdef-${number}</ID>
    <Prefix>${prefix}</Prefix>
    <Status>Enabled</Status>
    <Expiration><CreatedBeforeDate>2026-11-21T00:00:00.000Z</CreatedBeforeDate></Expiration>
    <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>
  </Rule>
`;
  expect(lifecycleXml(folders, new Date('2026-11-20T10:00:00Z'), hash)).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<!-- It takes the place of the whole lifecycle configuration of the bucket: merge it with what is there, and take it out after the certificate. -->
<LifecycleConfiguration>
${rule(1, 'ledger/')}${rule(2, 'a&amp;b&lt;c&gt;/')}</LifecycleConfiguration>
`,
  );
  const midnight = lifecycleXml(folders, new Date('2026-11-20T00:00:00Z'), hash);
  expect(midnight).toContain('<CreatedBeforeDate>2026-11-21T00:00:00.000Z<');
});

it('a lifecycle names the very prefix, or none where XML has no words for it', () => {
  const xml = (prefix: string) =>
    lifecycleXml([{ bucket: 'fin-1', prefix }], new Date('2026-11-20T10:00:00Z'), hash);
  expect(xml('a\rb\n\tc/')).toContain('<Prefix>a&#13;b&#10;&#9;c/</Prefix>');
  const namable = (prefix: string) => isNamedInXml(prefix);
  expect(['', 'a b/', 'a\r\n\t', 'é😀\u0080\u202e'].map(namable)).toEqual([true, true, true, true]);
  expect(['a\u0000', '\u001f/', '\ufffe', '\uffff'].map(namable)).toEqual([false, false, false, false]);
});
