import { formatInstant, second } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import type { ChaosStore } from './store.ts';
import type { Watch } from './watch.ts';

const lookEveryMs = 5 * second;

/**
 * Ends work that has come to a stand: it rejects, saying what was being waited for, when no request and no invocation
 * has ended for a while.
 * @param patienceMs of real time; longer than an invocation may take, since FC ends that itself
 */
export async function underWatch<Result>(
  work: Promise<Result>,
  cloud: Cloud,
  store: ChaosStore,
  watch: Watch,
  patienceMs: number,
): Promise<Result> {
  const activity = () =>
    `${watch.invocations.total} ${watch.requests.functions + watch.requests.others} ${store.requests.list().length}`;
  let last = activity();
  let quietMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      const current = activity();
      quietMs = current === last ? quietMs + lookEveryMs : 0;
      last = current;
      if (quietMs >= patienceMs) reject(new Error(standstill(cloud, store, watch, quietMs)));
    }, lookEveryMs);
  });
  return await Promise.race([work, stuck]).finally(() => clearInterval(timer));
}

function standstill(cloud: Cloud, store: ChaosStore, watch: Watch, quietMs: number): string {
  const running = store.runtime
    .invocations()
    .filter(({ status }) => status === 'running')
    .map((each) => `${each.function} ${each.requestId}, attempt ${each.attempt}, since ${each.startedAt}`);
  return [
    `nothing has happened for ${quietMs / second} s in ${watch.phase}; it is ${formatInstant(cloud.time.now())} there`,
    `running: ${running.join('; ') || 'no invocation'}`,
  ].join('\n');
}
