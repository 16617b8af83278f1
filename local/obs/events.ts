import { randomUUID } from 'node:crypto';
import { hour } from '../../shared/platform/instant.ts';
import type { Happening } from '../oss/events.ts';
import type { Call } from '../oss/request.ts';
import { encode } from '../oss/signature/request.ts';
import type { ObsQuirks } from './quirks.ts';

/** An event of OBS, and what is handed over of it. */
export interface ObsEvent {
  /** Such as `ObjectCreated:Put`. */
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly payload: unknown;
}

/** The names that OBS has for what happens; it has no others. */
const names: Readonly<Record<string, string>> = {
  'ObjectCreated:PutObject': 'ObjectCreated:Put',
  'ObjectCreated:PostObject': 'ObjectCreated:Post',
  'ObjectCreated:CopyObject': 'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload': 'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:DeleteObject': 'ObjectRemoved:Delete',
};

interface ObsPlace {
  readonly region: string;
  readonly accountId: string;
}

/**
 * Makes the event that OBS raises when something has happened: the record of a FunctionGraph trigger (in the form of S3), or with the switch
 * `eventGrid` a CloudEvent.
 * @returns undefined for what OBS raises no event for
 */
export function toObsEvent(
  call: Pick<Call, 'bucket' | 'sourceIp' | 'requestId'>,
  happening: Happening,
  place: ObsPlace,
  quirks: ObsQuirks,
  now: Date,
): ObsEvent | undefined {
  const name = names[happening.name];
  if (name === undefined) return undefined;
  const { versionId, ...unversioned } = happening;
  const seen = quirks.eventsWithoutVersion || versionId === undefined ? unversioned : happening;
  const make = quirks.eventGrid ? cloudEvent : record;
  return {
    name,
    bucket: call.bucket,
    key: happening.key,
    payload: make(call, name, seen, place, now),
  };
}

type Make = (
  call: Pick<Call, 'bucket' | 'sourceIp' | 'requestId'>,
  name: string,
  happening: Happening,
  place: ObsPlace,
  now: Date,
) => unknown;

/** The key is URL-encoded (recorded in the tests of the Java runtime of Open Telekom Cloud). */
const record: Make = ({ bucket, sourceIp, requestId }, eventName, happening, { region, accountId }, now) => ({
  Records: [
    {
      eventVersion: '2.0',
      eventSource: 'aws:s3',
      awsRegion: region,
      eventTime: now.toISOString(),
      eventName,
      userIdentity: { principalId: accountId },
      requestParameters: { sourceIPAddress: sourceIp },
      responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': '' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'holdfast',
        bucket: { name: bucket, ownerIdentity: { PrincipalId: accountId }, arn: `arn:aws:s3:::${bucket}` },
        object: {
          key: encode(happening.key),
          eTag: happening.etag.toLowerCase(),
          size: happening.size,
          versionId: happening.versionId ?? 'null',
          sequencer: now.getTime().toString(16).toUpperCase().padStart(18, '0'),
        },
      },
    },
  ],
});

/** EventGrid was seen to write the time of Beijing, and to glue a word to the id of an object in a bucket without versions. */
const beijingMs = 8 * hour;
const noVersion = `${'0'.repeat(32)}null`;

/** The time in the data is local, with a Z that is not true, as a note of September 2026 has it. */
const cloudEvent: Make = ({ bucket, requestId }, eventName, happening, { region, accountId }, now) => ({
  specversion: '1.0',
  id: randomUUID(),
  source: 'HC.OBS.DWR',
  type: `OBS:DWR:${eventName.replace(/:(Put|Post|Copy)$/, (action) => action.toUpperCase())}`,
  subject: bucket,
  time: now.toISOString().replace('Z', '167931Z'),
  datacontenttype: 'application/json',
  data: {
    eventVersion: '3.0',
    eventSource: 'OBS',
    eventRegion: region,
    eventTime: new Date(now.getTime() + beijingMs).toISOString(),
    eventName,
    userIdentity: { ID: accountId },
    responseElements: { 'x-obs-request-id': requestId },
    obs: {
      Version: '1.0',
      configurationId: 'holdfast',
      bucket: { bucket, name: bucket, arn: '', ownerIdentity: { ID: accountId } },
      object: {
        key: happening.key,
        eTag: happening.etag.toLowerCase(),
        size: happening.size,
        versionId: happening.versionId ?? noVersion,
        sequencer: '1',
      },
    },
  },
});
