import * as z from 'zod';
import { receiveDocument } from '../body.ts';
import { type OssError, refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { readXml } from '../read-xml.ts';
import { type Reply, versionHeader } from '../reply.ts';
import type { Call } from '../request.ts';
import { restoreState, restoreTimes } from '../restored.ts';
import { findBucket, findObject, updateObject } from '../versions.ts';
import { keptOperations } from './kept.ts';

const restoreDocument = z.strictObject({
  RestoreRequest: z
    .strictObject({
      Days: z
        .string()
        .regex(/^[1-9]\d{0,2}$/)
        .transform(Number)
        .refine((days) => days <= 365) // documented; refused by ossutil's suite
        .optional(),
      JobParameters: z.strictObject({ Tier: z.enum(['Expedited', 'Standard', 'Bulk']) }).optional(),
    })
    .or(z.literal('').transform(() => ({}))),
});

/** Restoring from the archive classes, which takes virtual time, and the switch that makes it needless for one class. */
export const restoreOperations: readonly Operation[] = [
  {
    name: 'RestoreObject',
    method: 'POST',
    on: 'object',
    requires: ['restore'],
    allows: ['versionId'],
    run: restore,
  },
  {
    name: 'CleanRestoredObject',
    method: 'POST',
    on: 'object',
    requires: ['cleanRestoredObject'],
    allows: ['versionId'],
    run: cleanRestored,
  },
  ...keptOperations({
    resource: 'bucketArchiveDirectRead',
    root: 'ArchiveDirectReadConfiguration',
    put: 'PutBucketArchiveDirectRead',
    get: 'GetBucketArchiveDirectRead',
    missing: {
      document: '<ArchiveDirectReadConfiguration><Enabled>false</Enabled></ArchiveDirectReadConfiguration>',
    },
  }),
];

/** 202 begins it, 409 while it is going on, 200 keeps a restored object readable from now on for the days that are asked. */
async function restore(call: Call, cloud: Cloud): Promise<Reply> {
  const { days, tier, hasJob } = await readRequest(call);
  const bucket = findBucket(cloud.store, call.bucket);
  const version = findObject(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  const now = cloud.now();
  const state = restoreState(version, now);
  if (state === 'readable') throw notArchived();
  // Asserted (ali-oss's suite), also of an object that is being restored.
  if (hasJob && version.storageClass === 'Archive') throw refuse('MalformedXML');
  if (state === 'ongoing') throw refuse('RestoreAlreadyInProgress', { details: { ObjectName: call.key } });
  const times = restoreTimes[version.storageClass] ?? {};
  const duration = version.storageClass === 'Archive' ? times['Standard'] : times[tier];
  if (duration === undefined) {
    throw refuse('InvalidArgument', { details: { ArgumentName: 'Tier', ArgumentValue: tier } });
  }
  const finishedAt = state === 'restored' ? now : new Date(now.getTime() + duration);
  updateObject(cloud.store, bucket.name, call.key, version, { restore: { finishedAt, days } });
  const priority = version.storageClass === 'Archive' ? {} : { 'x-oss-object-restore-priority': tier };
  return {
    status: state === 'restored' ? 200 : 202,
    headers: { ...priority, ...versionHeader(bucket, version.versionId) },
  };
}

/** Ends the time for which a restored object can be read. */
function cleanRestored(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const version = findObject(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  const state = restoreState(version, cloud.now());
  if (state === 'readable') throw notArchived();
  const details = { ObjectName: call.key };
  if (state === 'ongoing') throw refuse('ArchiveRestoreNotFinished', { details });
  if (state === 'frozen') throw refuse('ArchiveRestoreFileStale', { details });
  const { restore: _over, ...frozen } = version;
  updateObject(cloud.store, bucket.name, call.key, frozen, {});
  return { status: 200, headers: versionHeader(bucket, version.versionId) };
}

function notArchived(): OssError {
  const message = 'The operation is not supported for this resource';
  return refuse('OperationNotSupported', { message, details: { ResourceType: 'Object' } });
}

async function readRequest(call: Call): Promise<{ days: number; tier: string; hasJob: boolean }> {
  const body = await receiveDocument(call);
  if (body.length === 0) return { days: 1, tier: 'Standard', hasJob: false };
  const { RestoreRequest: request } = readXml(body, restoreDocument);
  const days = 'Days' in request ? request.Days : undefined;
  const job = 'JobParameters' in request ? request.JobParameters : undefined;
  return { days: days ?? 1, tier: job?.Tier ?? 'Standard', hasJob: job !== undefined };
}
