import type { Invocation } from '../../local/fc/invocations.ts';
import type { Undelivered } from '../../local/fc/undelivered.ts';
import { color } from '../terminal/output.ts';

/** Tells of a lost event in one line: the service counts it, and says no more. */
export function undeliveredLine({ at, kind, function: name, target, code, message }: Undelivered): string {
  const what = kind === 'destination' ? 'dead letter' : 'event of OSS';
  return `${at} ${name}: ${color.red(`${what} not delivered`)} to ${target}: ${code}: ${message}`;
}

/** Says in one line how a run of a function ended. */
export function invocationLine({
  cloud,
  finishedAt,
  function: name,
  trigger,
  attempt,
  status,
  error,
  result,
}: Invocation): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  const ending = error === undefined ? color.green(status) : color.red(`${status}: ${error.errorType}`);
  const said = error === undefined ? (result ?? '') : (error.errorMessage.split('\n')[0] ?? '');
  const where = cloud === 'obs' ? ' (OBS)' : '';
  return `${finishedAt ?? ''} ${name}${where} by ${trigger}${again}: ${ending} ${said}`.trimEnd();
}
