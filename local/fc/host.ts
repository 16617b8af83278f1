import type { CloudName } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { type Burial, failureEnvelope, functionArn } from './destination.ts';
import { functionEnvironment, invocationContext, type Place } from './environment.ts';
import type { Credentials, WorkContext } from './messages.ts';
import type { RunFunction } from './run-function.ts';

/** A platform's own forms of all that it gives to a function: the runtime of the embedded cloud is the same for each. */
export interface FunctionHost {
  readonly cloud: CloudName;
  /** The most repetitions of a failed asynchronous invocation. */
  readonly mostRepetitions: number;
  /** The variables of a function's process. @param overrides variables set over the function's own */
  environmentOf(
    props: RunFunction,
    place: Place,
    credentials: Credentials,
    instanceId: string,
    codeFolder: string,
    overrides: Readonly<Record<string, string>>,
  ): Record<string, string>;
  /** The context of one invocation. */
  contextOf(
    props: RunFunction,
    place: Place,
    credentials: Credentials,
    requestId: string,
    overrides: Readonly<Record<string, string>>,
  ): WorkContext;
  /** The name of a function as the cloud's interfaces have it. */
  nameOf(place: Place, functionName: string): string;
  /** The envelope that a failure destination receives. */
  envelopeOf(burial: Burial, place: Place, now: Date): unknown;
  /** The event that a timer hands to its function. */
  timerEvent(triggerName: string, payload: string | undefined, now: Date): unknown;
}

/** Function Compute. */
export const functionComputeHost: FunctionHost = {
  cloud: 'oss',
  mostRepetitions: 8,
  environmentOf: functionEnvironment,
  contextOf: (props, place, credentials, requestId) =>
    invocationContext(props, place, credentials, requestId),
  nameOf: functionArn,
  envelopeOf: failureEnvelope,
  // Function Compute, timer triggers.
  timerEvent: (triggerName, payload, now) => ({
    triggerTime: formatInstant(now),
    triggerName,
    payload: payload ?? '',
  }),
};
