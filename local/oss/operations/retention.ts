import * as z from 'zod';
import { needsOfRetention } from '../../ram/actions.ts';
import { receiveXml } from '../body.ts';
import { type OssErrorCode, refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Retention } from '../state.ts';
import { immutable, updateObject } from '../versions.ts';
import { judgeRetention } from '../worm.ts';
import { xmlDate } from '../xml.ts';
import { bypassesGovernance, readRetainUntil } from './object-headers.ts';
import { findRetainable } from './retainable.ts';

const retentionDocument = z.strictObject({
  Retention: z.strictObject({ Mode: z.enum(['COMPLIANCE', 'GOVERNANCE']), RetainUntilDate: z.string() }),
});

/** Retention of object versions (reference/oss-retention.md, 2.2 to 2.4). */
export const retentionOperations: readonly Operation[] = [
  {
    name: 'PutObjectRetention',
    method: 'PUT',
    on: 'object',
    requires: ['retention'],
    allows: ['versionId'],
    headers: ['x-oss-bypass-governance-retention'],
    run: put,
  },
  {
    name: 'GetObjectRetention',
    method: 'GET',
    on: 'object',
    requires: ['retention'],
    allows: ['versionId'],
    run: get,
  },
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { Retention } = await receiveXml(call, retentionDocument);
  const retainUntil = readRetainUntil(Retention.RetainUntilDate);
  if (!retainUntil) throw refuse('MalformedXML');
  const wanted: Retention = { mode: Retention.Mode, retainUntil };
  const days = Math.ceil((retainUntil.getTime() - cloud.now().getTime()) / 86_400_000);
  call.authorize(needsOfRetention(call), { 'oss:object-remaining-retention-days': days });
  const { bucket, version } = findRetainable(call, cloud);
  const verdict = judgeRetention(version.retention, wanted, cloud.now(), bypassesGovernance(call));
  if (verdict === 'apply') {
    updateObject(cloud.store, bucket.name, call.key, version, { retention: wanted });
  } else if (verdict !== 'keep') throw refusal(verdict, call, Retention.RetainUntilDate);
  return { status: 200, headers: versionHeader(bucket, version.versionId) };
}

function refusal(code: OssErrorCode, call: Call, date: string) {
  if (code === 'FileImmutable') return immutable(call.key);
  if (code === 'AccessDenied') {
    return refuse(code, { message: 'Access denied because object protected by retention.' });
  }
  return refuse(code, {
    message: 'The retain until date must be in the future!',
    details: { ArgumentName: 'RetainUntilDate', ArgumentValue: date },
  });
}

function get(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = findRetainable(call, cloud);
  if (!version.retention) {
    throw refuse('NoSuchObjectRetentionConfiguration', { details: { ObjectName: call.key } });
  }
  const { mode, retainUntil } = version.retention;
  return xmlReply(
    { Retention: { Mode: mode, RetainUntilDate: xmlDate(retainUntil) } },
    versionHeader(bucket, version.versionId),
  );
}
