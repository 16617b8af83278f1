import { systemClock } from '../../shared/platform/clock.ts';
import { second } from '../../shared/platform/instant.ts';
import type { Invocation } from '../fc/invocations.ts';
import type { LockCalls } from './policies.ts';
import type { ChaosStore } from './store.ts';

/** This is what was done to keep up with the storm, and what was noticed on the way. */
export interface Watch {
  readonly invocations: { total: number; failed: number; dead: number };
  readonly requests: { functions: number; others: number };
  /** Calls of the functions in the storm, and how many of them broke. */
  readonly storm: { calls: number; broken: number };
  /** Calls of the functions that would delete something. */
  readonly deletions: number;
  readonly lockCalls: ReadonlyMap<string, LockCalls>;
  onInvocation(invocation: Invocation): void;
  /** Counts the requests since the last time, and forgets them. */
  takeRequests(store: Pick<ChaosStore, 'requests'>, weather: 'storm' | 'calm'): void;
  /** Tells what is being done from now on. */
  enter(phase: string): void;
  readonly phase: string;
  /** Shows a line on standard error, but not more often than every few seconds. */
  progress(line: () => string): void;
}

const showEveryMs = 5 * second;

export function createWatch(): Watch {
  const invocations = { total: 0, failed: 0, dead: 0 };
  const requests = { functions: 0, others: 0 };
  const storm = { calls: 0, broken: 0 };
  let deletions = 0;
  let phase = 'the start';
  const lockCalls = new Map<string, LockCalls>();
  const noteCall = (operation: string, status: number, weather: 'storm' | 'calm') => {
    if (operation.startsWith('Delete')) deletions += 1;
    if (weather === 'calm') return;
    storm.calls += 1;
    if (status === 0 || status >= 500) storm.broken += 1;
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
    enter(next) {
      phase = next;
    },
    onInvocation({ status }) {
      invocations.total += 1;
      if (status !== 'succeeded') invocations.failed += 1;
      if (status === 'dead') invocations.dead += 1;
    },
    takeRequests({ requests: log }, weather) {
      for (const { principal, operation, bucket, status, time, code } of log.list()) {
        const ofFunction = principal.startsWith('function ');
        requests[ofFunction ? 'functions' : 'others'] += 1;
        if (ofFunction) noteCall(operation, status, weather);
        // A policy that a person has renewed meanwhile is another one: nobody locked it yet.
        if (operation === 'CompleteBucketWorm' && code !== 'NoSuchWORMConfiguration') {
          const last = new Date(time);
          lockCalls.set(bucket, { first: lockCalls.get(bucket)?.first ?? last, last });
        }
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
