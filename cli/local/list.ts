import { type Address, formatAddress } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { type Report, shownVersionId, table } from '../terminal/output.ts';
import { readLocalPlace } from './address.ts';
import { findLocalCloud, type LocalBucket, type LocalVersion, localBucket, localEndpoint } from './client.ts';

const operation = 'holdfast local ls';

/**
 * Lists the buckets of the running embedded cloud, or the versions in one of them.
 * @param place the bucket and the beginning of the keys; undefined lists the buckets
 * @throws USAGE, ADDRESS_SCHEME, LOCAL_ENDPOINT, ADDRESS_CLOUD, UNREACHABLE, NO_SUCH_BUCKET
 */
export async function listLocal(place: string | undefined, port: number | undefined): Promise<Report> {
  if (place === undefined) {
    const endpoint = localEndpoint(port);
    const { buckets } = await findLocalCloud(endpoint, { operation, target: 'all buckets' });
    return { text: bucketsText(buckets), json: { buckets } };
  }
  const at = readLocalPlace(place);
  const cloud = await findLocalCloud(localEndpoint(port), { operation, target: place });
  localBucket(cloud, operation, at);
  const versions = await cloud.versions(at);
  return { text: versionsText(at, versions), json: { url: formatAddress(at.cloud, at), versions } };
}

function bucketsText(buckets: readonly LocalBucket[]): string {
  if (buckets.length === 0) return 'there are no buckets; `holdfast local mb NAME` makes one';
  const rows = buckets.map(({ cloud, name, versioning, objectWorm, policy }) => [
    formatAddress(cloud, { bucket: name }),
    versioning,
    objectWorm ? 'of each version' : '-',
    policy === undefined ? '-' : policyText(policy),
  ]);
  return table(['bucket', 'versioning', 'retention', 'worm policy'], rows);
}

function policyText({ state, days, hoursToLock }: NonNullable<LocalBucket['policy']>): string {
  const left = hoursToLock === undefined ? '' : `, ${hoursToLock.toFixed(1)} hours to lock it`;
  return `${state}, ${quantity(days, 'day')}${left}`;
}

function versionsText(at: Address, versions: readonly LocalVersion[]): string {
  if (versions.length === 0) return `there is no version at ${visible(formatAddress(at.cloud, at))}`;
  const rows = versions.map(({ kind, key, versionId, lastModified, size, retention, legalHold, tags }) => [
    visible(key),
    shownVersionId(versionId),
    kind === 'version' ? String(size) : '-',
    formatInstant(lastModified),
    kind === 'delete-marker' ? 'delete marker' : retentionText(retention),
    legalHold ? 'ON' : '-',
    visible(
      Object.entries(tags)
        .map((tag) => tag.join('='))
        .join(' '),
    ) || '-',
  ]);
  return table(['key', 'version', 'bytes', 'modified', 'retained until', 'legal hold', 'tags'], rows);
}

const retentionText = (retention: LocalVersion['retention']): string =>
  retention === undefined ? '-' : `${formatInstant(retention.until)} ${retention.mode}`;
