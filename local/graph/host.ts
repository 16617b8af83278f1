import type { Burial } from '../fc/destination.ts';
import type { Place } from '../fc/environment.ts';
import type { FunctionHost } from '../fc/host.ts';

/** `urn:fss:REGION:PROJECT:function:PACKAGE:NAME:VERSION` */
const functionUrn = ({ region, accountId }: Place, name: string): string =>
  `urn:fss:${region}:${accountId}:function:default:${name}:latest`;

/** FunctionGraph, as its user and developer guides have it ("Developing Functions in Node.js", "Timer trigger"). */
export const functionGraphHost: FunctionHost = {
  cloud: 'obs',
  mostRepetitions: 3,
  environmentOf: (props, _place, _credentials, instanceId, codeFolder, overrides) => ({
    PATH: process.env['PATH'] ?? '',
    TZ: 'UTC',
    RUNTIME_CODE_ROOT: codeFolder,
    RUNTIME_HANDLER: props.handler,
    RUNTIME_INSTANCE_ID: instanceId,
    RUNTIME_USERDATA: JSON.stringify({ ...props.environmentVariables, ...overrides }),
  }),
  contextOf: (props, place, credentials, requestId, overrides) => ({
    platform: 'function-graph',
    requestId,
    credentials,
    functionName: props.functionName,
    projectId: place.accountId,
    /** Seconds. */
    timeout: props.timeout,
    userData: { ...props.environmentVariables, ...overrides },
  }),
  nameOf: functionUrn,
  envelopeOf: ({ message, attempts, error, condition }: Burial, place, now) => ({
    timestamp: now.toISOString().replace('Z', '000000+00:00'),
    request_context: {
      request_id: message.requestId,
      function_urn: functionUrn(place, message.function),
      condition,
      approximate_invoke_count: attempts - 1,
    },
    request_payload: message.event.toString('utf8'),
    response_context: { status_code: 500, function_error: condition },
    response_payload: JSON.stringify(error),
  }),
  timerEvent: (triggerName, payload, now) => ({
    version: 'v1.0',
    time: now.toISOString().replace(/\.\d{3}Z$/, '+00:00'),
    trigger_type: 'TIMER',
    trigger_name: triggerName,
    user_event: payload ?? '',
  }),
};
