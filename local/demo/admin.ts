import * as z from 'zod';

/** One run of a function, as far as the demo looks at it. */
const run = z.object({
  function: z.string(),
  attempt: z.int(),
  status: z.enum(['running', 'succeeded', 'failed', 'retrying', 'dead']),
  event: z.unknown(),
  error: z.object({ errorType: z.string(), errorMessage: z.string() }).optional(),
  logs: z.array(z.string()),
});
export type Run = z.infer<typeof run>;

const clock = z.object({ now: z.iso.datetime() });

/**
 * This is what the demo asks of the embedded cloud itself: to move time, to come to rest, and what the functions did.
 */
export interface Admin {
  /** The cloud's own time. */
  now(): Promise<Date>;
  /** Moves time forward; returns when the timers on the way have run. */
  setTo(when: Date): Promise<void>;
  /** Waits until no function runs. */
  idle(): Promise<void>;
  /** The runs of one function, oldest first. */
  runs(functionName: string): Promise<Run[]>;
}

/** A limit against hanging; a slow machine needs minutes for a day of virtual time. */
const longestWaitMs = 600_000;

/** Calls the embedded cloud's own HTTP API, as anybody could with curl. */
export function adminOf(url: string): Admin {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const reply = await fetch(`${url}/_local/${path}`, {
      method,
      signal: AbortSignal.timeout(longestWaitMs),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} /_local/${path} answered ${reply.status}: ${text}`);
    return JSON.parse(text);
  };
  return {
    now: async () => new Date(clock.parse(await call('GET', 'clock')).now),
    async setTo(when) {
      await call('POST', 'clock', { set: when.toISOString() });
    },
    async idle() {
      await call('POST', 'idle');
    },
    runs: async (functionName) =>
      z.array(run).parse(await call('GET', `invocations?function=${functionName}`)),
  };
}
