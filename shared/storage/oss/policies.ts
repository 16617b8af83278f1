import { type BucketPolicies, type BucketPolicy, wormId } from '../port.ts';
import { type Perform, receipt } from './call.ts';
import { parseCount, readDate } from './values.ts';
import { BadReply, parseXml, requiredText } from './xml.ts';

const noPolicy: ReadonlySet<string> = new Set(['NoSuchWORMConfiguration', 'WormConfigurationNotFoundError']);

/** Returns the five bucket WORM calls (API pages Get-, Initiate-, Complete-, Extend- and AbortBucketWorm). */
export function policyCalls(perform: Perform): BucketPolicies {
  return {
    getPolicy: (bucket) =>
      perform<BucketPolicy | undefined>('getPolicy', {
        method: 'GET',
        bucket,
        query: { worm: '' },
        success: [200],
        read: ({ body }) => {
          const worm = parseXml(body.toString(), 'WormConfiguration');
          return {
            id: wormId(requiredText(worm, 'WormId')),
            state: requiredText(worm, 'State'),
            days: parseCount(requiredText(worm, 'RetentionPeriodInDays')),
            createdAt: readDate(requiredText(worm, 'CreationDate')),
          };
        },
        answer: ({ code }) => (noPolicy.has(code) ? { is: undefined } : undefined),
      }),

    initiatePolicy: (bucket, days) =>
      perform('initiatePolicy', {
        method: 'POST',
        bucket,
        query: { worm: '' },
        xml: `<InitiateWormConfiguration><RetentionPeriodInDays>${days}</RetentionPeriodInDays></InitiateWormConfiguration>`,
        success: [200],
        read: (reply) => {
          const id = reply.header('x-oss-worm-id');
          if (id === undefined)
            throw new BadReply('a policy was initiated, but the reply has no x-oss-worm-id');
          return { ...receipt(reply), id: wormId(id) };
        },
      }),

    lockPolicy: (bucket, id) =>
      perform('lockPolicy', { method: 'POST', bucket, query: { wormId: id }, success: [200], read: receipt }),

    extendPolicy: (bucket, id, days) =>
      perform('extendPolicy', {
        method: 'POST',
        bucket,
        query: { wormExtend: '', wormId: id },
        xml: `<ExtendWormConfiguration><RetentionPeriodInDays>${days}</RetentionPeriodInDays></ExtendWormConfiguration>`,
        success: [200],
        read: receipt,
      }),

    abortPolicy: (bucket) =>
      perform('abortPolicy', {
        method: 'DELETE',
        bucket,
        query: { worm: '' },
        success: [200, 204],
        read: receipt,
      }),
  };
}
