import * as z from 'zod/mini';
import type { CloudName } from '../../shared/platform/address.ts';
import type { Invocation } from '../fc/invocations.ts';
import type { Undelivered } from '../fc/undelivered.ts';
import type { BucketView, FunctionView, LettersView, VersionsMarker, VersionsPage } from '../views/shown.ts';
import {
  bucketReply,
  clockReply,
  faultReply,
  functionReply,
  invocationReply,
  lettersReply,
  refusalReply,
  undeliveredReply,
  versionsReply,
} from './replies.ts';

/** The embedded cloud did not do what was asked; the message says why, and what to do. */
export class CallFailed extends Error {}

/** A fault rule, as the admin API lists it. */
export type FaultEntry = Readonly<z.infer<typeof faultReply>>;

/** The time of the embedded cloud. */
export type ClockView = Readonly<z.infer<typeof clockReply>>;

/** The part of a bucket's versions that is shown. */
export interface ShownVersions {
  readonly cloud: CloudName;
  readonly bucket: string;
  readonly prefix: string;
  /** The last version of the page before; undefined on the first page. */
  readonly after: VersionsMarker | undefined;
}

/** Reads the clock. */
export const readClock = (): Promise<ClockView> => call('GET', 'clock', clockReply);
/** Lists the buckets of every served cloud. */
export const readBuckets = (): Promise<readonly BucketView[]> => call('GET', 'buckets', z.array(bucketReply));
/** Lists the functions in place. */
export const readFunctions = (): Promise<readonly FunctionView[]> =>
  call('GET', 'functions', z.array(functionReply));
/** Lists the latest invocations, oldest first. */
export const readInvocations = (limit: number): Promise<readonly Invocation[]> =>
  call('GET', `invocations?limit=${limit}`, z.array(invocationReply));
/** Lists the invocations behind one, oldest first: the latest of them where there are more than the limit. */
export const readInvocationsAfter = (id: number, limit: number): Promise<readonly Invocation[]> =>
  call('GET', `invocations?after=${id}&limit=${limit}`, z.array(invocationReply));
/** Lists the latest dead letters. */
export const readLetters = (): Promise<LettersView> => call('GET', 'letters', lettersReply);
/** Lists the events that got lost on their way to a function. */
export const readUndelivered = (): Promise<readonly Undelivered[]> =>
  call('GET', 'undelivered', z.array(undeliveredReply));
/** Lists the faults in force. */
export const readFaults = (): Promise<readonly FaultEntry[]> => call('GET', 'faults', z.array(faultReply));

/** Reads one page of versions. */
export function readVersions({ cloud, bucket, prefix, after }: ShownVersions): Promise<VersionsPage> {
  const query = new URLSearchParams({ cloud, bucket, prefix });
  if (after !== undefined) {
    query.set('key-marker', after.key);
    query.set('version-id-marker', after.versionId);
  }
  return call('GET', `versions?${query}`, versionsReply);
}

/** Lets time pass, and runs what falls due on the way. */
export const advance = (span: string): Promise<ClockView> =>
  call('POST', 'clock', clockReply, { advance: span });
/** Moves time at one go: a timer that was missed many times runs once. */
export const leap = (span: string): Promise<ClockView> => call('POST', 'clock', clockReply, { leap: span });
/** Fires a timer now. */
export const fireTimer = (cloud: CloudName, trigger: string): Promise<Invocation> =>
  call('POST', `timer/${encodeURIComponent(trigger)}?cloud=${cloud}`, invocationReply, {});
/** Puts a fault in force. */
export const addFault = (rule: unknown): Promise<unknown> => call('POST', 'faults', z.unknown(), rule);
/** Ends a fault. */
export const removeFault = (rule: FaultEntry): Promise<unknown> =>
  call('DELETE', 'faults', z.unknown(), rule);

/** @throws CallFailed for a refusal, and for a reply of a form that this page does not know */
async function call<Answer>(
  method: string,
  path: string,
  form: z.ZodMiniType<Answer>,
  body?: unknown,
): Promise<Answer> {
  const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' } };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await fetch(`/_local/${path}`, { method, ...sent, ...text });
  const answer: unknown = await reply.json();
  if (!reply.ok) throw new CallFailed(refusalOf(answer, reply.status));
  const parsed = form.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CallFailed(
    `The reply to ${method} ${path} has another form than this page knows (${issue?.path.join('.')}): reload the page.`,
  );
}

function refusalOf(answer: unknown, status: number): string {
  const { data } = refusalReply.safeParse(answer);
  return data === undefined ? `It was refused with status ${status}.` : `${data.error}: ${data.remedy}`;
}
