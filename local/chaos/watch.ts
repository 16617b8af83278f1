import { systemClock } from '../../shared/platform/clock.ts';
import { second } from '../../shared/platform/instant.ts';
import type { Invocation } from '../fc/invocations.ts';
import type { RequestRecord } from '../oss/request-log.ts';
import { personNames, principalOf } from './people.ts';
import type { LockCalls } from './policies.ts';
import type { ChaosStore } from './store.ts';

/** The state of the cloud while something is done. */
export type Weather = 'storm' | 'calm';

/** This is what was done to keep up with the storm, and what was noticed on the way. */
export interface Watch {
  readonly invocations: { total: number; failed: number; dead: number };
  readonly requests: { functions: number; others: number };
  /** Calls of the functions in the storm, and how many of them broke. */
  readonly storm: { calls: number; broken: number };
  /** Calls of Holdfast that would delete something: of the functions, and of those who work with the command line. */
  readonly deletions: number;
  /** Hears of each request that is counted. */
  listen(listener: (request: RequestRecord) => void): void;
  /** Hears when a run of the timer began. */
  listenToTimer(listener: (startedAt: number) => void): void;
  /** Approvals that were given, what happened or was tried that needed one, and what came of it. */
  readonly approvals: { given: number; happened: number; done: number; refused: number; certified: number };
  readonly lockCalls: ReadonlyMap<string, LockCalls>;
  onInvocation(invocation: Invocation): void;
  /** Counts the requests since the last time, and forgets them. */
  takeRequests(store: Pick<ChaosStore, 'requests'>, weather: Weather): void;
  /** Tells what is being done from now on. */
  enter(phase: string): void;
  readonly phase: string;
  /** Shows a line on standard error, but not more often than every few seconds. */
  progress(line: () => string): void;
}

const workers = new Set(personNames.map(principalOf));

/** A rule of a lifecycle deletes later. */
const isDeletion = (operation: string): boolean =>
  operation.startsWith('Delete') || operation === 'PutBucketLifecycle';

const showEveryMs = 5 * second;

export function createWatch(): Watch {
  const invocations = { total: 0, failed: 0, dead: 0 };
  const requests = { functions: 0, others: 0 };
  const storm = { calls: 0, broken: 0 };
  let deletions = 0;
  let phase = 'the start';
  const lockCalls = new Map<string, LockCalls>();
  const listeners: ((request: RequestRecord) => void)[] = [];
  const timerListeners: ((startedAt: number) => void)[] = [];
  const noteCall = ({ principal, operation, status }: RequestRecord, weather: Weather) => {
    const ofFunction = principal.startsWith('function ');
    requests[ofFunction ? 'functions' : 'others'] += 1;
    if (isDeletion(operation) && (ofFunction || workers.has(principal))) deletions += 1;
    if (!ofFunction || weather === 'calm') return;
    storm.calls += 1;
    if (status === 0 || status >= 500) storm.broken += 1;
  };
  const noteLock = ({ operation, code, bucket, time }: RequestRecord) => {
    // A policy that a person has renewed meanwhile is another one: nobody locked it yet.
    if (operation !== 'CompleteBucketWorm' || code === 'NoSuchWORMConfiguration') return;
    const last = new Date(time);
    lockCalls.set(bucket, { first: lockCalls.get(bucket)?.first ?? last, last });
  };
  const started = systemClock.now().getTime();
  let shown = started;
  return {
    invocations,
    requests,
    storm,
    lockCalls,
    get deletions() {
      return deletions;
    },
    get phase() {
      return phase;
    },
    listen(listener) {
      listeners.push(listener);
    },
    listenToTimer(listener) {
      timerListeners.push(listener);
    },
    approvals: { given: 0, happened: 0, done: 0, refused: 0, certified: 0 },
    enter(next) {
      phase = next;
    },
    onInvocation({ status, function: name, startedAt }) {
      if (name.endsWith('policy-timer'))
        for (const listener of timerListeners) listener(Date.parse(startedAt));
      invocations.total += 1;
      if (status !== 'succeeded') invocations.failed += 1;
      if (status === 'dead') invocations.dead += 1;
    },
    takeRequests({ requests: log }, weather) {
      for (const request of log.list()) {
        for (const listener of listeners) listener(request);
        noteCall(request, weather);
        noteLock(request);
      }
      log.clear();
    },
    progress(line) {
      const now = systemClock.now().getTime();
      if (now - shown < showEveryMs) return;
      shown = now;
      process.stderr.write(`${Math.round((now - started) / second)} s, ${phase}: ${line()}\n`);
    },
  };
}
