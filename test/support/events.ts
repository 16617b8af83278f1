/** A native event entry as Function Compute documents it (fc-docs 140). */
export function nativeEntry(part: {
  bucket: string;
  key: string;
  eTag?: string;
  time?: string;
  name?: string;
  versionId?: string;
  deltaSize?: number | string;
}): Record<string, unknown> {
  return {
    eventName: part.name ?? 'ObjectCreated:PutObject',
    eventSource: 'acs:oss',
    eventTime: part.time ?? '2026-11-21T10:00:00.000Z',
    eventVersion: '1.0',
    oss: {
      bucket: {
        arn: `acs:oss:cn-hangzhou:1234567890:${part.bucket}`,
        name: part.bucket,
        ownerIdentity: '1234567890',
        virtualBucket: '',
      },
      object: {
        deltaSize: part.deltaSize ?? 3,
        eTag: part.eTag ?? 'D41D8CD98F00B204E9800998ECF8427E',
        key: part.key,
        size: 3,
        objectMeta: { mimeType: 'text/plain', userMeta: {} },
        ...(part.versionId === undefined ? {} : { versionId: part.versionId }),
      },
      ossSchemaVersion: '1.0',
      ruleId: 'rule-1',
    },
    region: 'cn-hangzhou',
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { requestId: '6A0F7F058D81BD363649216F' },
    userIdentity: { principalId: '1234567890' },
  };
}

/** The same event as EventBridge delivers it. */
export function cloudEvent(entry: Record<string, unknown>): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: '6A0F7F058D81BD363649216F',
    source: 'acs.oss',
    type: `oss:${String(entry['eventName'])}`,
    subject: 'acs:oss:cn-hangzhou:1234567890:bucket/key',
    time: '2026-11-21T10:00:00.000Z',
    datacontenttype: 'application/json; charset=utf-8',
    aliyunaccountid: '1234567890',
    aliyunregionid: 'cn-hangzhou',
    aliyuneventbusname: 'default',
    data: entry,
  };
}
