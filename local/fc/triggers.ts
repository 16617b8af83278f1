import { randomUUID } from 'node:crypto';
import { passesSubject } from '../../shared/deploy/event-pattern.ts';
import {
  type EventBridgeTrigger,
  type OssTrigger,
  readFilterPattern,
  type Trigger,
} from '../../shared/deploy/template.ts';
import type { RunFunction } from './run-function.ts';

/** An event of the object store, one of the `events` of a native OSS trigger (Function Compute, OSS triggers). */
export interface OssEvent {
  /** `ObjectCreated:PutObject`: without the `oss:` that the trigger's configuration has. */
  readonly eventName: string;
  readonly eventTime: string;
  readonly region: string;
  readonly oss: {
    readonly bucket: { readonly name: string; readonly ownerIdentity: string };
    readonly object: { readonly key: string };
  };
}

/** An event for a function, by one of its triggers. */
export interface Firing {
  readonly function: string;
  readonly trigger: string;
  readonly event: Buffer;
  /** The ARN of the role that OSS takes on to invoke the function; absent for other triggers. */
  readonly invocationRole?: string;
}

/**
 * Returns the firings that an event of the object store causes.
 * @param everyBucket an OSS trigger is for one bucket, by its sourceArn. True lets it stand for every bucket that the
 * function has no trigger for; of several that stand for the same bucket only the first one that matches fires
 */
export function matchTriggers(
  functions: Iterable<RunFunction>,
  event: OssEvent,
  everyBucket: boolean,
): Firing[] {
  return [...functions].flatMap(({ functionName, triggers }) => {
    const firings = (some: readonly Trigger[]) =>
      some.flatMap((trigger) => firing(functionName, trigger, event));
    const forOthers = triggers.filter((trigger) => isForOther(trigger, event));
    const own = triggers.filter((trigger) => !forOthers.includes(trigger));
    const standIns = everyBucket && !own.some(({ triggerType }) => triggerType === 'oss') ? forOthers : [];
    return [...firings(own), ...firings(standIns).slice(0, 1)];
  });
}

const isForOther = (trigger: Trigger, { oss }: OssEvent): boolean =>
  trigger.triggerType === 'oss' && trigger.sourceArn.split(':').at(-1) !== oss.bucket.name;

/** The event as the trigger would hand it over, if it takes it. */
function firing(functionName: string, trigger: Trigger, event: OssEvent): Firing[] {
  const payload =
    trigger.triggerType === 'oss'
      ? nativePayload(trigger, event)
      : trigger.triggerType === 'eventbridge'
        ? bridgePayload(trigger, event)
        : undefined;
  if (payload === undefined) return [];
  return [
    {
      function: functionName,
      trigger: trigger.triggerName,
      event: Buffer.from(JSON.stringify(payload)),
      ...(trigger.triggerType === 'oss' && { invocationRole: trigger.invocationRole }),
    },
  ];
}

function nativePayload({ triggerConfig: { events, filter } }: OssTrigger, event: OssEvent): unknown {
  const { key } = event.oss.object;
  const itsKey = key.startsWith(filter.key.prefix) && key.endsWith(filter.key.suffix);
  return itsKey && namesEvent(events, event) ? { events: [event] } : undefined;
}

/** The form of EventBridge: a CloudEvent around the event, or the event alone (EventBridge, OSS events). */
function bridgePayload(trigger: EventBridgeTrigger, event: OssEvent): unknown {
  const { triggerEnable, eventRuleFilterPattern, eventSinkConfig } = trigger.triggerConfig;
  const pattern = readFilterPattern(eventRuleFilterPattern);
  if (!triggerEnable || !pattern || !namesEvent(pattern.type, event)) return undefined;
  const { bucket, object } = event.oss;
  const subject = `acs:oss:${event.region}:${bucket.ownerIdentity}:${bucket.name}/${object.key}`;
  if (!passesSubject(pattern, subject)) return undefined;
  if (eventSinkConfig?.deliveryOption.eventSchema === 'RawData') return event;
  return {
    id: randomUUID(),
    source: 'acs.oss',
    specversion: '1.0',
    type: `oss:${event.eventName}`,
    subject,
    time: event.eventTime,
    datacontenttype: 'application/json;charset=utf-8',
    aliyunaccountid: bucket.ownerIdentity,
    aliyunpublishtime: event.eventTime,
    aliyunpublishaddr: '127.0.0.1',
    aliyunoriginalaccountid: bucket.ownerIdentity,
    aliyuneventbusname: 'default',
    aliyunregionid: event.region,
    data: event,
  };
}

function namesEvent(configured: readonly string[], event: OssEvent): boolean {
  const name = `oss:${event.eventName}`;
  return configured.some(
    (each) => each === name || (each.endsWith(':*') && name.startsWith(each.slice(0, -1))),
  );
}
