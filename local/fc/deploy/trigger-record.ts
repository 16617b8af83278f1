import * as z from 'zod';
import { parseSchedule } from '../../../shared/deploy/schedule.ts';
import { readFilterPattern, type Trigger } from '../../../shared/deploy/template.ts';
import { ossEventNames, ossEventWildcards } from '../../../shared/events/event-names.ts';
import { inWords } from './settings.ts';

/** A trigger as the API shows it, without the name of its function. */
export interface TriggerRecord {
  readonly triggerId: string;
  readonly triggerName: string;
  readonly triggerType: Trigger['triggerType'];
  readonly description: string;
  readonly qualifier: 'LATEST';
  readonly sourceArn?: string | undefined;
  readonly invocationRole?: string | undefined;
  /** JSON in a text, as the API takes and shows it. */
  readonly triggerConfig: string;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

const eventNames: ReadonlySet<string> = new Set(
  [...ossEventNames, ...ossEventWildcards].map((name) => `oss:${name}`),
);

const ossConfig = z.looseObject({
  events: z.array(z.string().refine((name) => eventNames.has(name))).nonempty(),
  filter: z.looseObject({
    key: z.looseObject({
      prefix: z
        .string()
        .regex(/^(?!\/)/)
        .default(''),
      suffix: z.string().default(''),
    }),
  }),
});

const timerConfig = z.looseObject({
  cronExpression: z.string().refine(isSchedule),
  enable: z.boolean().default(false),
  payload: z.string().optional(),
});

const bridgeConfig = z.looseObject({
  triggerEnable: z.boolean().default(true),
  asyncInvocationType: z.boolean().default(false),
  eventRuleFilterPattern: z.string().refine((text) => readFilterPattern(text) !== undefined),
  eventSourceConfig: z.looseObject({ eventSourceType: z.literal('Default') }),
  eventSinkConfig: z
    .looseObject({
      deliveryOption: z.looseObject({ eventSchema: z.enum(['CloudEvents', 'RawData']).optional() }),
    })
    .optional(),
});

const name = z.string().regex(/^[A-Za-z_][\w-]{0,127}$/, { error: 'is not a trigger name' });
const optionalText = z.string().nullish();
const created = z.looseObject({
  triggerName: name,
  triggerType: z.string(),
  triggerConfig: z.string(),
  description: optionalText,
  qualifier: optionalText,
  sourceArn: optionalText,
  invocationRole: optionalText,
});
/** UpdateTrigger's model has no sourceArn: one that is sent is not looked at (fc20230330 4.7.6, UpdateTriggerInput). */
const updated = created
  .omit({ triggerName: true, triggerType: true, sourceArn: true })
  .extend({ triggerConfig: optionalText });

/** A trigger that has been read, or what is wrong with it. */
export type ReadTrigger = { readonly trigger: TriggerRecord } | TriggerProblem;

interface TriggerProblem {
  readonly problem: string;
  readonly notServed?: boolean;
}

/** Reads what CreateTrigger was sent. @param now ISO 8601 in UTC */
export function readNewTrigger(sent: unknown, triggerId: string, now: string): ReadTrigger {
  const parsed = created.safeParse(sent);
  if (!parsed.success) return { problem: inWords(parsed.error) };
  const { triggerName, triggerType, triggerConfig, description, qualifier } = parsed.data;
  if (!isServed(triggerType)) {
    const problem = `triggers of type ${triggerType} are not served by the embedded cloud`;
    return { problem, notServed: true };
  }
  const problem = qualifierProblem(qualifier) ?? configProblem(triggerType, triggerConfig);
  if (problem !== undefined) return { problem };
  const { sourceArn, invocationRole } = parsed.data;
  if (triggerType === 'oss' && !sourceArn) return { problem: 'sourceArn is required for an OSS trigger' };
  if (triggerType === 'oss' && !invocationRole) {
    return { problem: 'invocationRole is required for an OSS trigger' };
  }
  return {
    trigger: {
      triggerId,
      triggerName,
      triggerType,
      description: description ?? '',
      qualifier: 'LATEST',
      ...(sourceArn && { sourceArn }),
      ...(invocationRole && { invocationRole }),
      triggerConfig,
      createdTime: now,
      lastModifiedTime: now,
    },
  };
}

/** Reads what UpdateTrigger was sent over the trigger that is there; its source stays what it is. */
export function readTriggerUpdate(sent: unknown, before: TriggerRecord, now: string): ReadTrigger {
  const parsed = updated.safeParse(sent);
  if (!parsed.success) return { problem: inWords(parsed.error) };
  const { description, qualifier, invocationRole } = parsed.data;
  const triggerConfig = parsed.data.triggerConfig ?? before.triggerConfig;
  const problem = qualifierProblem(qualifier) ?? configProblem(before.triggerType, triggerConfig);
  if (problem !== undefined) return { problem };
  return {
    trigger: {
      ...before,
      triggerConfig,
      ...(typeof description === 'string' && { description }),
      ...(invocationRole && { invocationRole }),
      lastModifiedTime: now,
    },
  };
}

/** Returns the trigger as the runtime fires it; undefined when its configuration is none, which reading it excludes. */
export function toTrigger(record: TriggerRecord): Trigger | undefined {
  const { triggerName, triggerType, sourceArn = '', invocationRole = '' } = record;
  const config = parseConfig(record.triggerConfig);
  switch (triggerType) {
    case 'oss': {
      const { data } = ossConfig.safeParse(config);
      if (data === undefined) return undefined;
      const { events, filter } = data;
      const key = { prefix: filter.key.prefix, suffix: filter.key.suffix };
      return {
        triggerName,
        triggerType,
        sourceArn,
        invocationRole,
        triggerConfig: { events, filter: { key } },
      };
    }
    case 'timer': {
      const { data } = timerConfig.safeParse(config);
      return data && { triggerName, triggerType, triggerConfig: data };
    }
    case 'eventbridge': {
      const { data } = bridgeConfig.safeParse(config);
      return data && { triggerName, triggerType, triggerConfig: data };
    }
  }
}

/** Returns the record of a trigger of s.yaml, as `s deploy` would make it. */
export function recordOfTrigger(trigger: Trigger, triggerId: string, now: string): TriggerRecord {
  const { triggerConfig, ...rest } = trigger;
  const made = { triggerId, qualifier: 'LATEST', createdTime: now, lastModifiedTime: now } as const;
  return {
    ...rest,
    ...made,
    description: trigger.description ?? '',
    triggerConfig: JSON.stringify(triggerConfig),
  };
}

const isServed = (type: string): type is Trigger['triggerType'] =>
  type === 'oss' || type === 'timer' || type === 'eventbridge';

const qualifierProblem = (qualifier: string | null | undefined): string | undefined =>
  (qualifier || 'LATEST') === 'LATEST' ? undefined : `version or alias '${qualifier}' does not exist`;

/** The service says no more than the kind (Serverless-Devs issue 421: "invalid OSS trigger config."). */
function configProblem(type: Trigger['triggerType'], text: string): string | undefined {
  const form = { oss: ossConfig, timer: timerConfig, eventbridge: bridgeConfig }[type];
  const called = { oss: 'OSS', timer: 'timer', eventbridge: 'EventBridge' }[type];
  const { error } = form.safeParse(parseConfig(text));
  return error && `invalid ${called} trigger config: ${inWords(error)}`;
}

function parseConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSchedule(text: string): boolean {
  try {
    parseSchedule(text);
    return true;
  } catch {
    return false;
  }
}
