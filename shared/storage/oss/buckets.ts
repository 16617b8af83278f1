import { listing } from '../listing.ts';
import type { BucketSummary, ObjectWormConfiguration, Page, StorageReads, StorageWrites } from '../port.ts';
import { type Perform, receipt } from './call.ts';
import type { Reply } from './transport.ts';
import { parseCount, readBoolean, readMode } from './values.ts';
import { BadReply, childOf, childrenOf, type Element, optionalText, parseXml, requiredText } from './xml.ts';

type BucketReads = Pick<StorageReads, 'listBuckets' | 'getVersioning' | 'getObjectWorm'>;
type BucketWrites = Pick<StorageWrites, 'putObjectWorm'>;

/** Returns the calls about buckets and their configuration, but for the WORM policy. */
export function bucketCalls(perform: Perform): BucketReads & BucketWrites {
  return {
    listBuckets: () => listing(() => bucketPage(perform)),

    getVersioning: versioningCall(perform),

    getObjectWorm: (bucket) =>
      perform<ObjectWormConfiguration | undefined>('getObjectWorm', {
        method: 'GET',
        bucket,
        query: { objectWorm: '' },
        success: [200],
        read: ({ body }) => readObjectWorm(parseXml(body.toString(), 'ObjectWormConfiguration')),
        // No source names the code of "never enabled"; of a bucket that exists a 404 can say nothing else.
        answer: ({ status, code }) =>
          status === 404 && code.startsWith('NoSuch') && code !== 'NoSuchBucket'
            ? { is: undefined }
            : undefined,
      }),

    putObjectWorm: (bucket, configuration) =>
      perform('putObjectWorm', {
        method: 'PUT',
        bucket,
        query: { objectWorm: '' },
        xml: objectWormXml(configuration),
        success: [200],
        read: receipt,
      }),
  };
}

/** Returns the call that tells whether a bucket keeps versions; undefined: it never did. Both services take the same one. */
export const versioningCall =
  (perform: Perform): BucketReads['getVersioning'] =>
  (bucket) =>
    perform('getVersioning', {
      method: 'GET',
      bucket,
      query: { versioning: '' },
      success: [200],
      read: readVersioning,
    });

/** @throws BadReply */
function readVersioning({ body }: Reply): 'Enabled' | 'Suspended' | undefined {
  const status = optionalText(parseXml(body.toString(), 'VersioningConfiguration'), 'Status');
  if (status === undefined || status === 'Enabled' || status === 'Suspended') return status;
  throw new BadReply(`versioning is ${JSON.stringify(status)}`);
}

function bucketPage(perform: Perform, marker?: string): Promise<Page<BucketSummary>> {
  return perform('listBuckets', {
    method: 'GET',
    query: { 'max-keys': '1000', marker },
    success: [200],
    read: ({ body }) => {
      const result = parseXml(body.toString(), 'ListAllMyBucketsResult');
      const account = readOwner(result);
      const items = childrenOf(childOf(result, 'Buckets'), 'Bucket').map((bucket) => ({
        ...readBucket(bucket),
        ...account,
      }));
      // Without pages the service leaves IsTruncated out.
      if (!readBoolean(optionalText(result, 'IsTruncated') ?? 'false')) return { items, next: undefined };
      const next = requiredText(result, 'NextMarker');
      if (next === marker) throw new BadReply('the list does not move on');
      return { items, next: () => bucketPage(perform, next) };
    },
  });
}

/** Reads whose buckets a list names: the service says it once for the whole list. */
export function readOwner(list: Element): Pick<BucketSummary, 'account'> {
  const account = optionalText(childOf(list, 'Owner'), 'ID');
  return account === undefined ? {} : { account };
}

/** `Location` is the region's id with a prefix: `oss-cn-hangzhou`. */
function readBucket(bucket: Element): BucketSummary {
  return {
    name: requiredText(bucket, 'Name'),
    region: requiredText(bucket, 'Location').replace(/^oss-/, ''),
  };
}

function readObjectWorm(configuration: Element): ObjectWormConfiguration {
  if (requiredText(configuration, 'ObjectWormEnabled') !== 'Enabled') {
    throw new BadReply('ObjectWorm is neither enabled nor absent');
  }
  const retention = childOf(childOf(configuration, 'Rule'), 'DefaultRetention');
  if (retention === undefined) return {};
  const mode = readMode(requiredText(retention, 'Mode'));
  const years = optionalText(retention, 'Years');
  return {
    defaultRetention:
      years === undefined
        ? { mode, days: parseCount(requiredText(retention, 'Days')) }
        : { mode, years: parseCount(years) },
  };
}

function objectWormXml({ defaultRetention }: ObjectWormConfiguration): string {
  return `<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled>${ruleXml(defaultRetention)}</ObjectWormConfiguration>`;
}

function ruleXml(retention: ObjectWormConfiguration['defaultRetention']): string {
  if (retention === undefined) return '';
  const period = 'days' in retention ? `<Days>${retention.days}</Days>` : `<Years>${retention.years}</Years>`;
  return `<Rule><DefaultRetention><Mode>${retention.mode}</Mode>${period}</DefaultRetention></Rule>`;
}
