import * as z from 'zod';
import { receiveXml } from '../../oss/body.ts';
import { OssError } from '../../oss/errors.ts';
import type { Reply } from '../../oss/reply.ts';
import type { Retention } from '../../oss/state.ts';
import { findBucket, findObject, updateObject } from '../../oss/versions.ts';
import { dateMessage, refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { isoDate } from '../translate.ts';

const retentionDocument = z.strictObject({
  Retention: z.strictObject({ Mode: z.string(), RetainUntilDate: z.string() }),
});

/** Retention of one version ("Configuring WORM Retention for an Object"). OBS has no call that reads it but HEAD. */
export const putRetention: ObsOperation = {
  name: 'PutObjectRetention',
  method: 'PUT',
  on: 'object',
  requires: ['retention'],
  allows: ['versionId'],
  run: put,
};

async function put(call: ObsCall, cloud: ObsCloud): Promise<Reply> {
  if (cloud.quirks().noWorm) throw refuseObs('MethodNotAllowed');
  const wanted = await readRetention(call);
  const bucket = findBucket(cloud.store, call.bucket);
  if (bucket.objectWorm === undefined) {
    throw refuseObs('InvalidRequest', { message: 'WORM is not enabled for the bucket.' });
  }
  const version = findObject(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  const now = cloud.now();
  const isLonger = wanted.retainUntil > now && isLater(wanted, version.retention);
  if (isLonger) updateObject(cloud.store, bucket.name, call.key, version, { retention: wanted });
  else if (!isEqual(wanted, version.retention) || !cloud.quirks().equalDateAccepted) {
    throw refuseObs('InvalidRequest', { message: dateMessage });
  }
  return { status: 200 };
}

const isLater = ({ retainUntil }: Retention, stored: Retention | undefined): boolean =>
  stored === undefined || retainUntil > stored.retainUntil;

const isEqual = ({ retainUntil }: Retention, stored: Retention | undefined): boolean =>
  stored !== undefined && retainUntil.getTime() === stored.retainUntil.getTime();

/** @throws MalformedObjectLockError for another mode than COMPLIANCE, and for a date that cannot be read */
async function readRetention(call: ObsCall): Promise<Retention> {
  const malformed = refuseObs('MalformedObjectLockError');
  const document = await receiveXml(call, retentionDocument).catch((error: unknown) => {
    throw error instanceof OssError && error.code === 'MalformedXML' ? malformed : error;
  });
  const { Mode, RetainUntilDate } = document.Retention;
  const isDate =
    /^\d{1,15}$/.test(RetainUntilDate) ||
    /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(RetainUntilDate);
  const retainUntil = new Date(isoDate(RetainUntilDate));
  if (Mode !== 'COMPLIANCE' || !isDate || Number.isNaN(retainUntil.getTime())) throw malformed;
  return { mode: 'COMPLIANCE', retainUntil };
}
