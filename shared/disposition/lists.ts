import { type CloudName, formatAddress } from '../platform/address.ts';
import { day, formatInstant } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { DisposableVersion } from './plan.ts';

/*
 * What a person deletes with. Holdfast writes these texts and runs none of them.
 */

const lastLine = '# the end of the plan';

/**
 * Returns the first lines of a script that deletes the versions of a plan one by one. It does nothing once the approval has ended, nor
 * where its end is missing.
 * @param until the end of the approval
 */
export const deleteScriptHead = (hash: string, until: Date): string =>
  [
    '#!/bin/sh',
    `# The versions of plan ${hash}, approved until ${formatInstant(until)}. Nothing in Holdfast runs this.`,
    'set -u',
    `if [ "$(tail -n 1 "$0")" != '${lastLine}' ]; then`,
    "  echo 'this script was cut off: nothing was deleted' >&2",
    '  exit 1',
    'fi',
    `if [ "$(date -u +%Y%m%d%H%M%S)" -gt ${formatInstant(until).replace(/\D/g, '').slice(0, 14)} ]; then`,
    "  echo 'the approval has ended: nothing was deleted' >&2",
    '  exit 1',
    'fi',
    'failed=0',
    '',
  ].join('\n');

/** The last lines of that script: what was not deleted is counted. */
export const deleteScriptEnd = [
  'if [ "$failed" -gt 0 ]; then',
  '  echo "versions that were not deleted: $failed" >&2',
  '  exit 1',
  'fi',
  lastLine,
  '',
].join('\n');

/**
 * Returns the line that deletes one version: by ossutil, with the key URL-encoded, so that every key reaches its object; by obsutil
 * on OBS.
 */
export function deleteLine(
  cloud: CloudName,
  { bucket, key, versionId }: Pick<DisposableVersion, 'bucket' | 'key' | 'versionId'>,
): string {
  if (cloud === 'obs') {
    return `obsutil rm ${quoted(formatAddress(cloud, { bucket, key }))} ${quoted(`-versionId=${versionId}`)} -f${counted}`;
  }
  const url = formatAddress(cloud, { bucket, key: encodeURIComponent(key).replaceAll("'", '%27') });
  return `ossutil rm ${quoted(url)} --encoding-type url --version-id ${quoted(versionId)} -f${counted}`;
}

const counted = ' || failed=$((failed + 1))\n';

/** A text as one word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Returns the lifecycle configuration of a bucket that removes all that is below some folders of it: OSS first puts a delete marker on
 * what is current and older than the day after the newest version, and removes what is not current a day later. What is under
 * retention or a legal hold stays.
 * @param newest the latest Last-Modified in the plan
 */
export function lifecycleXml(folders: readonly ObjectPrefix[], newest: Date, hash: string): string {
  const before = new Date((Math.floor(newest.getTime() / day) + 1) * day).toISOString();
  const id = hash.replace('sha256:', '').slice(0, 16);
  const rules = folders.flatMap(({ prefix }, index) => [
    '  <Rule>',
    `    <ID>disposition-${id}-${index + 1}</ID>`,
    `    <Prefix>${escaped(prefix)}</Prefix>`,
    '    <Status>Enabled</Status>',
    `    <Expiration><CreatedBeforeDate>${before}</CreatedBeforeDate></Expiration>`,
    '    <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>',
    '  </Rule>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!-- It takes the place of the whole lifecycle configuration of the bucket: merge it with what is there, and take it out after the certificate. -->',
    '<LifecycleConfiguration>',
    ...rules,
    '</LifecycleConfiguration>',
    '',
  ].join('\n');
}

/** A return and other blanks but spaces would be read as a space or a line feed, and the prefix would be another. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\t\n\r]/g, (blank) => `&#${blank.charCodeAt(0)};`);

/** Tells whether XML can name a prefix: it has no characters for most control characters, however they are written. */
export const isNamedInXml = (prefix: string): boolean =>
  !/[^\P{Cc}\t\n\r\u{7f}-\u{9f}]|[\ufffe\uffff]/u.test(prefix);
