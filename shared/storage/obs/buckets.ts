import { quantity } from '../../platform/quantity.ts';
import { listing } from '../listing.ts';
import { readOwner, versioningCall } from '../oss/buckets.ts';
import { type Perform, receipt } from '../oss/call.ts';
import { parseCount, readMode } from '../oss/values.ts';
import {
  BadReply,
  childOf,
  childrenOf,
  type Element,
  optionalText,
  parseXml,
  requiredText,
} from '../oss/xml.ts';
import type { BucketSummary, ObjectStoreCalls, ObjectWormConfiguration, Page } from '../port.ts';

type ObsBucketCalls = Pick<
  ObjectStoreCalls,
  'listBuckets' | 'getVersioning' | 'getObjectWorm' | 'putObjectWorm'
>;

/** Returns the calls about buckets and their configuration. */
export function obsBucketCalls(perform: Perform): ObsBucketCalls {
  return {
    // The list is never cut, and names a bucket's region only when asked by a header.
    listBuckets: () =>
      listing(() =>
        perform<Page<BucketSummary>>('listBuckets', {
          method: 'GET',
          headers: { 'x-obs-location': 'true' },
          success: [200],
          read: ({ body }) => {
            const result = parseXml(body.toString(), 'ListAllMyBucketsResult');
            const account = readOwner(result);
            const items = childrenOf(childOf(result, 'Buckets'), 'Bucket').map((bucket) => ({
              name: requiredText(bucket, 'Name'),
              region: requiredText(bucket, 'Location'),
              ...account,
            }));
            return { items, next: undefined };
          },
        }),
      ),

    getVersioning: versioningCall(perform),

    getObjectWorm: (bucket) =>
      perform<ObjectWormConfiguration | undefined>('getObjectWorm', {
        method: 'GET',
        bucket,
        query: { 'object-lock': '' },
        success: [200],
        read: ({ body }) => readObjectLock(parseXml(body.toString(), 'ObjectLockConfiguration')),
        // Where WORM was never enabled the answer is 400, not 404 ("Obtaining the Default WORM Policy of a Bucket").
        answer: ({ status, code }) =>
          status === 400 && code === 'InvalidRequest' ? { is: undefined } : undefined,
      }),

    putObjectWorm: (bucket, configuration) =>
      perform('putObjectWorm', {
        method: 'PUT',
        bucket,
        query: { 'object-lock': '' },
        xml: objectLockXml(configuration),
        success: [200],
        read: receipt,
      }),
  };
}

/** A reply may have both units: 0 means absent. */
function readObjectLock(configuration: Element): ObjectWormConfiguration {
  const retention = childOf(childOf(configuration, 'Rule'), 'DefaultRetention');
  if (retention === undefined) return {};
  const mode = readMode(requiredText(retention, 'Mode'));
  const count = (name: string) => parseCount(optionalText(retention, name) ?? '0');
  const [days, years] = [count('Days'), count('Years')];
  if (days > 0 === years > 0)
    throw new BadReply(`a default retention of ${quantity(days, 'day')} and ${quantity(years, 'year')}`);
  return { defaultRetention: years > 0 ? { mode, years } : { mode, days } };
}

function objectLockXml({ defaultRetention: retention }: ObjectWormConfiguration): string {
  const period =
    retention === undefined
      ? ''
      : 'days' in retention
        ? `<Days>${retention.days}</Days>`
        : `<Years>${retention.years}</Years>`;
  const rule =
    retention === undefined
      ? ''
      : `<Rule><DefaultRetention><Mode>${retention.mode}</Mode>${period}</DefaultRetention></Rule>`;
  return `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`;
}
