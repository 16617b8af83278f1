import * as z from 'zod';
import type { RunFunction } from '../run-function.ts';
import { inWords } from './settings.ts';

const destination = z.looseObject({ destination: z.string().nullish() }).nullish();

const form = z.looseObject({
  asyncTask: z.boolean().nullish(),
  maxAsyncRetryAttempts: z.int().min(0).max(8).nullish(),
  maxAsyncEventAgeInSeconds: z.int().min(1).max(604_800).nullish(),
  destinationConfig: z.looseObject({ onFailure: destination, onSuccess: destination }).nullish(),
});

/** This is what becomes of a function's asynchronous invocations, as PutAsyncInvokeConfig was given it. */
export interface AsyncConfigRecord {
  readonly sent: z.infer<typeof form>;
  /** Virtual time, ISO 8601 in UTC. */
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** The service's defaults (fc-docs 064; maxAsyncEventAgeInSeconds: 1 to 604800, 86400 without). */
const defaultAttempts = 3;
const defaultAgeSeconds = 86_400;

/** Reads what PutAsyncInvokeConfig was sent. Only functions can be destinations here. */
export function readAsyncConfig(
  sent: unknown,
  before: AsyncConfigRecord | undefined,
  now: string,
): { readonly config: AsyncConfigRecord } | { readonly problem: string; readonly notServed?: boolean } {
  const parsed = form.safeParse(sent);
  if (!parsed.success) return { problem: inWords(parsed.error) };
  const { onFailure, onSuccess } = parsed.data.destinationConfig ?? {};
  if (onSuccess?.destination) {
    return { problem: 'destinations for success are not served by the embedded cloud', notServed: true };
  }
  const failed = onFailure?.destination ?? '';
  if (failed !== '' && !/^acs:fc:[a-z0-9-]+:\d+:functions\/[A-Za-z_][\w-]*(?:\/LATEST)?$/.test(failed)) {
    const notServed = /^acs:(?:mns|mq|eventbridge):/i.test(failed);
    return { problem: `destination '${failed}' is no function of the embedded cloud`, notServed };
  }
  return {
    config: { sent: parsed.data, createdTime: before?.createdTime ?? now, lastModifiedTime: now },
  };
}

/** Returns the configuration as the API shows it, its defaults among it. */
export function showAsyncConfig({ sent, createdTime, lastModifiedTime }: AsyncConfigRecord) {
  return {
    destinationConfig: {},
    ...sent,
    maxAsyncRetryAttempts: sent.maxAsyncRetryAttempts ?? defaultAttempts,
    maxAsyncEventAgeInSeconds: sent.maxAsyncEventAgeInSeconds ?? defaultAgeSeconds,
    createdTime,
    lastModifiedTime,
  };
}

/** Returns the configuration as the runtime goes by it; the service's defaults without one. */
export function toAsyncConfig(record: AsyncConfigRecord | undefined): RunFunction['asyncInvokeConfig'] {
  const { asyncTask, maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds, destinationConfig } =
    record?.sent ?? {};
  const failed = destinationConfig?.onFailure?.destination;
  return {
    asyncTask: asyncTask ?? false,
    maxAsyncRetryAttempts: maxAsyncRetryAttempts ?? defaultAttempts,
    maxAsyncEventAgeInSeconds: maxAsyncEventAgeInSeconds ?? defaultAgeSeconds,
    ...(failed && { destinationConfig: { onFailure: { destination: failed } } }),
  };
}
