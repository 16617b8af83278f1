import type { CloudName } from '../../shared/platform/address.ts';
import type { Invocation } from '../fc/invocations.ts';
import type { Undelivered } from '../fc/undelivered.ts';
import type { BucketView, FunctionView, LettersView, VersionsMarker, VersionsPage } from '../views/shown.ts';

/** The embedded cloud did not do what was asked; the message says why, and what to do. */
export class CallFailed extends Error {}

/** A fault rule, as the admin API lists it. */
export type FaultEntry = Readonly<Record<string, unknown>>;

/** The time of the embedded cloud. */
export interface ClockView {
  readonly now: string;
  readonly offsetMs: number;
}

/** The part of a bucket's versions that is shown. */
export interface ShownVersions {
  readonly cloud: CloudName;
  readonly bucket: string;
  readonly prefix: string;
  /** The last version of the page before; undefined on the first page. */
  readonly after: VersionsMarker | undefined;
}

/** Reads the clock. */
export const readClock = (): Promise<ClockView> => call('GET', 'clock');
/** Lists the buckets of every served cloud. */
export const readBuckets = (): Promise<readonly BucketView[]> => call('GET', 'buckets');
/** Lists the functions in place. */
export const readFunctions = (): Promise<readonly FunctionView[]> => call('GET', 'functions');
/** Lists the latest invocations, oldest first. */
export const readInvocations = (limit: number): Promise<readonly Invocation[]> =>
  call('GET', `invocations?limit=${limit}`);
/** Lists the invocations behind one, oldest first: the latest of them where there are more than the limit. */
export const readInvocationsAfter = (id: number, limit: number): Promise<readonly Invocation[]> =>
  call('GET', `invocations?after=${id}&limit=${limit}`);
/** Lists the latest dead letters. */
export const readLetters = (): Promise<LettersView> => call('GET', 'letters');
/** Lists the events that got lost on their way to a function. */
export const readUndelivered = (): Promise<readonly Undelivered[]> => call('GET', 'undelivered');
/** Lists the faults in force. */
export const readFaults = (): Promise<readonly FaultEntry[]> => call('GET', 'faults');

/** Reads one page of versions. */
export function readVersions({ cloud, bucket, prefix, after }: ShownVersions): Promise<VersionsPage> {
  const query = new URLSearchParams({ cloud, bucket, prefix });
  if (after !== undefined) {
    query.set('key-marker', after.key);
    query.set('version-id-marker', after.versionId);
  }
  return call('GET', `versions?${query}`);
}

/** Lets time pass, and runs what falls due on the way. */
export const advance = (span: string): Promise<ClockView> => call('POST', 'clock', { advance: span });
/** Moves time at one go: a timer that was missed many times runs once. */
export const leap = (span: string): Promise<ClockView> => call('POST', 'clock', { leap: span });
/** Fires a timer now. */
export const fireTimer = (cloud: CloudName, trigger: string): Promise<Invocation> =>
  call('POST', `timer/${encodeURIComponent(trigger)}?cloud=${cloud}`, {});
/** Puts a fault in force. */
export const addFault = (rule: unknown): Promise<unknown> => call('POST', 'faults', rule);
/** Ends a fault. */
export const removeFault = (rule: FaultEntry): Promise<unknown> => call('DELETE', 'faults', rule);

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' } };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await fetch(`/_local/${path}`, { method, ...sent, ...text });
  const answer = await reply.json();
  if (reply.ok) return answer;
  throw new CallFailed(`${answer.error}: ${answer.remedy}`);
}
