import { day } from '../../shared/platform/instant.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Message, Progress } from './delivery.ts';
import { functionArn } from './destination.ts';
import type { Place } from './environment.ts';

type Status = Progress['status'] | 'Stopping';

/** An asynchronous task as the API shows it; times are milliseconds of virtual time (fc20230330, AsyncTask). */
export interface AsyncTask {
  readonly taskId: string;
  readonly requestId: string;
  readonly functionArn: string;
  readonly qualifier: 'LATEST';
  readonly status: Status;
  readonly startedTime: number;
  readonly endTime?: number;
  readonly durationMs?: number;
  readonly alreadyRetriedTimes: number;
  readonly taskPayload: string;
  readonly returnPayload?: string;
  readonly taskErrorMessage?: string;
  readonly events: readonly {
    readonly eventId: number;
    readonly status: Status;
    readonly timestamp: number;
    readonly eventDetail: string;
  }[];
}

/** The asynchronous tasks of all functions. Each is remembered for seven days (Function Compute, async tasks). */
export interface Tasks {
  /** Makes a message a task's; nothing when the function has one with this id. */
  register(taskId: string, message: Message): Message | undefined;
  find(functionName: string, taskId: string): AsyncTask | undefined;
  /** Oldest first. */
  list(functionName: string): readonly AsyncTask[];
  /** Stops a task that has not ended; nothing happens to one that has. */
  stop(functionName: string, taskId: string): void;
}

const keptMs = 7 * day;
const ended: ReadonlySet<Status> = new Set(['Succeeded', 'Failed', 'Expired', 'Stopped']);

export function createTasks(time: VirtualTime, place: Place): Tasks {
  const known = new Map<string, { task: AsyncTask; readonly stop: AbortController }>();
  const key = (functionName: string, taskId: string) => `${functionName}/${taskId}`;

  const forget = () => {
    const oldest = time.now().getTime() - keptMs;
    for (const [name, { task }] of known) {
      if (task.endTime !== undefined && task.endTime < oldest) known.delete(name);
    }
  };

  const record = (entry: { task: AsyncTask }, status: Status, changes: Partial<AsyncTask>, detail = '') => {
    if (ended.has(entry.task.status)) return;
    const now = time.now().getTime();
    const { task } = entry;
    const event = { eventId: task.events.length + 1, status, timestamp: now, eventDetail: detail };
    const end = ended.has(status) ? { endTime: now, durationMs: now - task.startedTime } : {};
    entry.task = { ...task, ...changes, ...end, status, events: [...task.events, event] };
  };

  return {
    register(taskId, message) {
      forget();
      const name = key(message.function, taskId);
      if (known.has(name)) return undefined;
      const stop = new AbortController();
      const task: AsyncTask = {
        taskId,
        requestId: message.requestId,
        functionArn: functionArn(place, message.function),
        qualifier: 'LATEST',
        status: 'Enqueued',
        startedTime: time.now().getTime(),
        alreadyRetriedTimes: 0,
        taskPayload: message.event.toString('utf8'),
        events: [],
      };
      const entry = { task, stop };
      known.set(name, entry);
      const report = (progress: Progress) =>
        record(entry, progress.status, changesBy(progress, entry.task), detailOf(progress));
      return { ...message, stop: stop.signal, report };
    },
    find(functionName, taskId) {
      forget();
      return known.get(key(functionName, taskId))?.task;
    },
    list(functionName) {
      forget();
      const prefix = key(functionName, '');
      return [...known].filter(([name]) => name.startsWith(prefix)).map(([, { task }]) => task);
    },
    stop(functionName, taskId) {
      const entry = known.get(key(functionName, taskId));
      if (!entry) return;
      const running = entry.task.status === 'Running';
      record(entry, running ? 'Stopping' : 'Stopped', {});
      entry.stop.abort();
    },
  };
}

function changesBy(progress: Progress, task: AsyncTask): Partial<AsyncTask> {
  if ('result' in progress) return { returnPayload: progress.result };
  if (!('error' in progress)) return {};
  const taskErrorMessage = progress.error.errorMessage;
  if (progress.status !== 'Retrying') return { taskErrorMessage };
  return { taskErrorMessage, alreadyRetriedTimes: task.alreadyRetriedTimes + 1 };
}

function detailOf(progress: Progress): string {
  return 'error' in progress ? JSON.stringify(progress.error) : '';
}
