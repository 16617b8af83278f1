import * as z from 'zod';
import { receiveXml } from '../../oss/body.ts';
import type { Reply } from '../../oss/reply.ts';
import type { DefaultRetention } from '../../oss/state.ts';
import { findBucket } from '../../oss/versions.ts';
import { refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { element, elements, type XmlElement } from '../xml.ts';
import { documentReply } from './reply.ts';

/** Documented: "Configuring a Default WORM Policy for a Bucket". A year has 365 days there, leap years or not. */
const maxDays = 36_500;
const maxYears = 100;
const daysOfYear = 365;

const count = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
  .optional();

const lockDocument = z.strictObject({
  ObjectLockConfiguration: z.union([
    z.literal(''),
    z.strictObject({
      ObjectLockEnabled: z.literal('Enabled').optional(),
      Rule: z
        .strictObject({
          DefaultRetention: z.strictObject({ Mode: z.literal('COMPLIANCE'), Days: count, Years: count }),
        })
        .optional(),
    }),
  ]),
});

/** WORM of a bucket, and its default rule. */
export const objectLockOperations: readonly ObsOperation[] = [
  {
    name: 'PutBucketObjectLockConfiguration',
    method: 'PUT',
    on: 'bucket',
    requires: ['object-lock'],
    run: putLock,
  },
  {
    name: 'GetBucketObjectLockConfiguration',
    method: 'GET',
    on: 'bucket',
    requires: ['object-lock'],
    run: getLock,
  },
];

/** Enables WORM for good, and sets or clears the default rule; versioning has to be on before. */
async function putLock(call: ObsCall, cloud: ObsCloud): Promise<Reply> {
  if (cloud.quirks().noWorm) throw refuseObs('MethodNotAllowed');
  const { ObjectLockConfiguration: wanted } = await receiveXml(call, lockDocument);
  const rule = wanted === '' ? undefined : wanted.Rule && readRule(wanted.Rule.DefaultRetention);
  const bucket = findBucket(cloud.store, call.bucket);
  if (bucket.versioning !== 'Enabled') {
    throw refuseObs('InvalidRequest', { message: 'Versioning must be enabled to configure WORM.' });
  }
  cloud.store.saveBucket({ ...bucket, objectWorm: rule ? { defaultRetention: rule } : {} });
  return { status: 200 };
}

function readRule({
  Days,
  Years,
}: {
  Days?: number | undefined;
  Years?: number | undefined;
}): DefaultRetention {
  const isOne = (Days === undefined) !== (Years === undefined);
  const isIn = (value: number | undefined, most: number) =>
    value === undefined || (value >= 1 && value <= most);
  if (!isOne || !isIn(Days, maxDays) || !isIn(Years, maxYears)) throw refuseObs('MalformedXML');
  const period =
    Years === undefined ? { days: Days ?? 0 } : { days: Years * daysOfYear, writtenYears: Years };
  return { mode: 'COMPLIANCE', period };
}

function getLock(call: ObsCall, cloud: ObsCloud): Reply {
  if (cloud.quirks().noWorm) throw refuseObs('MethodNotAllowed');
  const { objectWorm } = findBucket(cloud.store, call.bucket);
  if (objectWorm === undefined) {
    throw refuseObs('InvalidRequest', { message: 'WORM is not enabled for the bucket.' });
  }
  const { defaultRetention } = objectWorm;
  return documentReply(call, 'ObjectLockConfiguration', [
    ...elements({ ObjectLockEnabled: 'Enabled' }),
    ...(defaultRetention === undefined ? [] : [ruleElement(defaultRetention)]),
  ]);
}

/** The unit that was not given is there as 0, as in the documented sample. */
function ruleElement({ mode, period }: DefaultRetention): XmlElement {
  const years = 'years' in period ? period.years : (period.writtenYears ?? 0);
  const days = 'years' in period || years > 0 ? 0 : period.days;
  const fields = elements({ Mode: mode, Days: days, Years: years });
  return element('Rule', [element('DefaultRetention', fields)]);
}
