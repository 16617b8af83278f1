import { type Answer, missing, refuse } from './api-answer.ts';
import type { AsyncTask, Tasks } from './tasks.ts';

interface TaskCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly functionName: string;
}

const mostListed = 100;
const usuallyListed = 20;

/**
 * Returns the calls about asynchronous tasks: get, list and stop (fc20230330 4.7.6: GetAsyncTask, ListAsyncTasks,
 * StopAsyncTask).
 * @returns nothing for any other call
 */
export function answerTasks(
  tasks: Tasks,
  { method, path, query, functionName }: TaskCall,
): Answer | undefined {
  const [collection, taskId, action, ...more] = path.split('/');
  if (collection !== 'async-tasks' || more.length > 0) return undefined;
  if (taskId === undefined) return method === 'GET' ? list(tasks.list(functionName), query) : undefined;
  const isGet = method === 'GET' && action === undefined;
  if (!isGet && !(method === 'PUT' && action === 'stop')) return undefined;
  const task = tasks.find(functionName, taskId);
  if (!task) {
    const message = `task '${taskId}' of function '${functionName}' does not exist`;
    return refuse(missing('StatefulAsyncInvocationNotFound', message));
  }
  if (isGet) return { status: 200, body: task };
  tasks.stop(functionName, taskId);
  return { status: 204 };
}

/** Pages go by the number of the task to go on with; the payload is shown only when it is asked for. */
function list(all: readonly AsyncTask[], query: URLSearchParams): Answer {
  const status = query.get('status');
  const found = all.filter(
    (task) => task.taskId.startsWith(query.get('prefix') ?? '') && (status ?? task.status) === task.status,
  );
  if (query.get('sortOrderByTime') === 'desc') found.reverse();
  const from = Number(query.get('nextToken') ?? 0);
  const to = from + Math.min(Number(query.get('limit') ?? usuallyListed), mostListed);
  const tasks = found.slice(from, to);
  const shown = query.get('includePayload') === 'true' ? tasks : tasks.map(withoutPayload);
  return {
    status: 200,
    body: { tasks: shown, ...(to < found.length ? { nextToken: String(to) } : {}) },
  };
}

function withoutPayload({ taskPayload: _payload, returnPayload: _result, ...task }: AsyncTask) {
  return task;
}
