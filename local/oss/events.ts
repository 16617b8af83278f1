import type { Call } from './request.ts';

/** One event in the native form that Function Compute hands to a function (reference/function-compute.md, 2a). */
export interface OssEvent {
  /** The name stands without the `oss:` that trigger configurations carry: `ObjectCreated:PutObject`. */
  readonly eventName: string;
  readonly eventSource: 'acs:oss';
  readonly eventTime: string;
  readonly eventVersion: '1.0';
  readonly region: string;
  readonly oss: {
    readonly bucket: {
      readonly arn: string;
      readonly name: string;
      readonly ownerIdentity: string;
      readonly virtualBucket: '';
    };
    readonly object: {
      /** The key as it is: official samples hand it to the SDK undecoded. */
      readonly key: string;
      readonly size: number;
      /** The size less that of the object that was current before. */
      readonly deltaSize: number;
      /** Upper-case hex without quotes. */
      readonly eTag: string;
      readonly objectMeta: { readonly mimeType: string; readonly userMeta: Readonly<Record<string, string>> };
    };
    readonly ossSchemaVersion: '1.0';
    /** Empty here: whoever delivers the event knows which trigger it is for. */
    readonly ruleId: string;
  };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: { readonly requestId: string };
  readonly userIdentity: { readonly principalId: string };
}

/** This is what an operation reports; the event is made of it and of the request. */
export interface Happening {
  readonly name: string;
  readonly key: string;
  readonly size: number;
  readonly deltaSize: number;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The version that came or went. Events of OSS do not tell it, those of OBS do. */
  readonly versionId?: string;
}

export function toEvent(
  call: Pick<Call, 'bucket' | 'sourceIp' | 'requestId'>,
  happening: Happening,
  place: { readonly region: string; readonly accountId: string },
  now: Date,
): OssEvent {
  const { region, accountId } = place;
  const { metadata } = happening;
  const userMeta: Record<string, string> = {};
  for (const name in metadata) if (name.startsWith('x-oss-meta-')) userMeta[name] = metadata[name] ?? '';
  return {
    eventName: happening.name,
    eventSource: 'acs:oss',
    eventTime: now.toISOString(),
    eventVersion: '1.0',
    region,
    oss: {
      bucket: {
        arn: `acs:oss:${region}:${accountId}:${call.bucket}`,
        name: call.bucket,
        ownerIdentity: accountId,
        virtualBucket: '',
      },
      object: {
        key: happening.key,
        size: happening.size,
        deltaSize: happening.deltaSize,
        eTag: happening.etag,
        objectMeta: {
          mimeType: metadata['Content-Type'] ?? '',
          userMeta,
        },
      },
      ossSchemaVersion: '1.0',
      ruleId: '',
    },
    requestParameters: { sourceIPAddress: call.sourceIp },
    responseElements: { requestId: call.requestId },
    userIdentity: { principalId: accountId },
  };
}
