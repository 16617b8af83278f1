import * as z from 'zod';

/** Changes that the way may make to an event: its key is encoded, and its time is earlier than the version's. */
export interface Garbling {
  /** `percent` writes every byte that is not plain as %XX, `form` leaves slashes and writes `+` for a space. */
  readonly key?: 'percent' | 'form';
  /** The event is stamped so many milliseconds earlier. */
  readonly earlierMs?: number;
}

const event = z.looseObject({
  eventTime: z.string(),
  oss: z.looseObject({ object: z.looseObject({ key: z.string() }) }).optional(),
});
const ossEvents = z.looseObject({ events: z.array(event) });
const obsRecords = z.looseObject({ Records: z.array(event) });

/** Changes an event of OSS or OBS in its native form; any other event stays as it is. Keys of OBS are encoded anyway. */
export function garble(payload: Buffer, { key, earlierMs = 0 }: Garbling): Buffer {
  if (key === undefined && earlierMs === 0) return payload;
  const document: unknown = JSON.parse(payload.toString('utf8'));
  const change = ({ eventTime, oss, ...rest }: z.infer<typeof event>) => ({
    ...rest,
    eventTime: new Date(Date.parse(eventTime) - earlierMs).toISOString(),
    ...(oss && { oss: { ...oss, object: { ...oss.object, key: encoded(oss.object.key, key) } } }),
  });
  const oss = ossEvents.safeParse(document);
  if (oss.success) return toBytes({ ...oss.data, events: oss.data.events.map(change) });
  const obs = obsRecords.safeParse(document);
  if (obs.success) return toBytes({ ...obs.data, Records: obs.data.Records.map(change) });
  return payload;
}

const toBytes = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));

function encoded(key: string, how: Garbling['key']): string {
  if (how === undefined) return key;
  const percent = encodeURIComponent(key);
  return how === 'percent' ? percent : percent.replaceAll('%2F', '/').replaceAll('%20', '+');
}
