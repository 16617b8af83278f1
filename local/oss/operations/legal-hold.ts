import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { updateObject } from '../versions.ts';
import { findRetainable } from './retainable.ts';

const legalHoldDocument = z.strictObject({
  LegalHold: z.strictObject({ Status: z.enum(['ON', 'OFF']) }),
});

const sub = { on: 'object', requires: ['legalHold'], allows: ['versionId'] } as const;

/** Legal hold of object versions: independent of retention, without an end (reference/oss-retention.md, 2.2). */
export const legalHoldOperations: readonly Operation[] = [
  { name: 'PutObjectLegalHold', method: 'PUT', ...sub, run: put },
  { name: 'GetObjectLegalHold', method: 'GET', ...sub, run: get },
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { LegalHold } = await receiveXml(call, legalHoldDocument);
  const { bucket, version } = findRetainable(call, cloud);
  updateObject(cloud.store, bucket.name, call.key, version, { legalHold: LegalHold.Status });
  return { status: 200, headers: versionHeader(bucket, version.versionId) };
}

function get(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = findRetainable(call, cloud);
  if (!version.legalHold) {
    throw refuse('NoSuchObjectLegalHoldConfiguration', { details: { ObjectName: call.key } });
  }
  return xmlReply({ LegalHold: { Status: version.legalHold } }, versionHeader(bucket, version.versionId));
}
