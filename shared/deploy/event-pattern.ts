import * as z from 'zod';
import { ossEventNames, ossEventWildcards } from '../events/event-names.ts';

/** The names of events as a trigger's configuration writes them. */
export const triggerEventNames = [...ossEventNames, ...ossEventWildcards].map((name) => `oss:${name}`);

const filterPattern = z.strictObject({
  source: z.tuple([z.literal('acs.oss')]),
  type: z.array(z.enum(triggerEventNames)).nonempty(),
  /** One of them has to fit `acs:oss:REGION:ACCOUNT:BUCKET/KEY` (EventBridge, event patterns). */
  subject: z.array(z.unknown()).nonempty().optional(),
});

/** The part of EventBridge's event patterns that Holdfast reads: OSS as the source, a list of types, patterns of subjects. */
export type FilterPattern = z.infer<typeof filterPattern>;

/** Reads an event pattern; undefined when it is not JSON of that form. */
export function readFilterPattern(text: string): FilterPattern | undefined {
  try {
    return filterPattern.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Returns the pattern of the events that complete an upload to one bucket; `account` may be a variable of s.yaml. */
export const patternForBucket = (region: string, account: string, bucket: string): string =>
  JSON.stringify({
    source: ['acs.oss'],
    type: ['PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload'].map(
      (kind) => `oss:ObjectCreated:${kind}`,
    ),
    subject: [{ prefix: `acs:oss:${region}:${account}:${bucket}/` }],
  });

/**
 * Names the buckets of which a pattern passes all keys.
 * @returns undefined where a pattern of subjects has another form, or there is none: it may pass any bucket
 */
export function bucketsOfPattern({ subject }: FilterPattern): string[] | undefined {
  const buckets = subject?.map((each) => wholeBucket.exec(prefixOf(each) ?? '')?.[1]);
  return buckets?.every((bucket) => bucket !== undefined) === true ? buckets : undefined;
}

const wholeBucket = /^acs:oss:[^:]*:[^:]*:([^:/]+)\/$/;

/** Tells whether a pattern passes the subject of an event. What has a form that is not read here passes everything. */
export function passesSubject({ subject }: FilterPattern, text: string): boolean {
  return (
    subject?.some((each) => {
      if (typeof each === 'string') return each === text;
      const prefix = prefixOf(each);
      return prefix === undefined || text.startsWith(prefix);
    }) ?? true
  );
}

const prefixForm = z.strictObject({ prefix: z.string().min(1) });
const prefixOf = (pattern: unknown): string | undefined => prefixForm.safeParse(pattern).data?.prefix;
