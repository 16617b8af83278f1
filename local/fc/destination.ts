import type { Message } from './delivery.ts';
import type { Place } from './environment.ts';
import type { FunctionError } from './messages.ts';
import type { RunFunction } from './run-function.ts';

/** An event that is given up: after how many attempts, and why. */
export interface Burial {
  readonly message: Message;
  readonly attempts: number;
  readonly error: FunctionError;
  /** `UnhandledInvocationError`, `InitializationError`; `EventExpired` for one that was too old to be tried. */
  readonly condition: string;
}

/** This is where a function's failed events go: the name of a function. */
interface FailureDestination {
  readonly arn: string;
  readonly functionName: string;
}

/** Reads the failure destination of a function of either platform; nothing when its failed events go nowhere. */
export function failureDestination(props: RunFunction): FailureDestination | undefined {
  const arn = props.asyncInvokeConfig.destinationConfig?.onFailure.destination;
  const functionName = arn?.startsWith('urn:fss:')
    ? arn.split(':')[6]
    : arn?.split('functions/')[1]?.split('/')[0];
  return arn === undefined || functionName === undefined ? undefined : { arn, functionName };
}

/** Tells what a failure destination receives (Function Compute, result callback). */
export function failureEnvelope({ message, attempts, error, condition }: Burial, place: Place, now: Date) {
  return {
    timestamp: now.getTime(),
    requestContext: {
      requestId: message.requestId,
      functionArn: functionArn(place, message.function),
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: message.event.toString('utf8'),
    responseContext: { statusCode: 200, functionError: condition },
    responsePayload: JSON.stringify(error),
  };
}

export function functionArn({ region, accountId }: Place, name: string): string {
  return `acs:fc:${region}:${accountId}:functions/${name}`;
}
