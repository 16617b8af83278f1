import { type CloudName, formatAddress } from '../platform/address.ts';
import { day } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { DisposableVersion } from './plan.ts';

/*
 * What a person deletes with. Holdfast writes these texts and runs none of them.
 */

/** Returns the first lines of a script that deletes the versions of a plan one by one. */
export const deleteScriptHead = (hash: string): string =>
  [
    '#!/bin/sh',
    `# The versions of plan ${hash}, approved. Nothing in Holdfast runs this.`,
    'set -u',
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
    return `obsutil rm ${quoted(formatAddress(cloud, { bucket, key }))} ${quoted(`-versionId=${versionId}`)} -f\n`;
  }
  const url = formatAddress(cloud, { bucket, key: encodeURIComponent(key).replaceAll("'", '%27') });
  return `ossutil rm ${quoted(url)} --encoding-type url --version-id ${quoted(versionId)} -f\n`;
}

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

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
