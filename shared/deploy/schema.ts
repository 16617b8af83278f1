import { closest } from 'fastest-levenshtein';
import * as z from 'zod';
import { variableMistakes } from '../platform/config.ts';
import { readFilterPattern, triggerEventNames } from './event-pattern.ts';
import { parseSchedule } from './schedule.ts';
import { component } from './tools.ts';

/**
 * This is what a Holdfast s.yaml may contain, of Serverless Devs 3.0.0 and its component fc3. The component's own
 * schema (devsapp/fc3, src/schema.json) lets any trigger configuration and any unknown key pass; this one is strict,
 * so that a misspelt `prefix` is a mistake here and not a function that never fires there.
 */

const eventName = z.enum(triggerEventNames, {
  error: ({ input }) =>
    `"${input}" is no event of OSS: did you mean ${closest(String(input), triggerEventNames)}?`,
});

const account = String.raw`(?:\d{6,}|\$\{config\(['"]?AccountID['"]?\)\})`;
const arn = (pattern: string, example: string) =>
  z.string().regex(new RegExp(`^${pattern}$`), { error: `is not an ARN of the form ${example}` });
const roleArn = arn(`acs:ram::${account}:role/[a-z0-9-]+`, 'acs:ram::ACCOUNT:role/lower-case-name');
const bucketArn = arn(
  `acs:oss:[a-z0-9-]+:${account}:[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`,
  'acs:oss:REGION:ACCOUNT:BUCKET',
);
const functionArn = arn(
  `acs:fc:[a-z0-9-]+:${account}:functions/[A-Za-z_][\\w-]*`,
  'acs:fc:REGION:ACCOUNT:functions/NAME',
);

const whole = (least: number, most: number) => z.int().min(least).max(most);
const handler = z.string().regex(/^[\w./-]+\.\w+$/, { error: 'is not file.export, such as index.handler' });
const triggerName = z.string().regex(/^[A-Za-z_][\w-]{0,127}$/, { error: 'is not a trigger name' });

const cronExpression = z.string().check((context) => {
  try {
    parseSchedule(context.value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message, input: context.value });
  }
});

const ossTrigger = z.strictObject({
  triggerName,
  triggerType: z.literal('oss'),
  description: z.string().optional(),
  qualifier: z.literal('LATEST').optional(),
  sourceArn: bucketArn,
  invocationRole: roleArn,
  triggerConfig: z.strictObject({
    events: z.array(eventName).nonempty(),
    filter: z.strictObject({
      key: z.strictObject({
        prefix: z.string().regex(/^(?!\/)/, { error: 'may not start with "/": object keys do not' }),
        suffix: z.string(),
      }),
    }),
  }),
});

const timerTrigger = z.strictObject({
  triggerName,
  triggerType: z.literal('timer'),
  description: z.string().optional(),
  qualifier: z.literal('LATEST').optional(),
  triggerConfig: z.strictObject({
    cronExpression,
    enable: z.boolean(),
    payload: z.string().optional(),
  }),
});

const eventBridgeTrigger = z.strictObject({
  triggerName,
  triggerType: z.literal('eventbridge'),
  description: z.string().optional(),
  qualifier: z.literal('LATEST').optional(),
  triggerConfig: z.strictObject({
    triggerEnable: z.boolean(),
    /** false: EventBridge waits for the function and repeats what fails, with the same event. */
    asyncInvocationType: z.boolean(),
    eventRuleFilterPattern: z.string().check((context) => {
      if (!readFilterPattern(context.value)) {
        const message =
          'is not JSON of the form {"source":["acs.oss"],"type":["oss:ObjectCreated:PutObject"]}';
        context.issues.push({ code: 'custom', message, input: context.value });
      }
    }),
    eventSourceConfig: z.strictObject({ eventSourceType: z.literal('Default') }),
    eventSinkConfig: z
      .strictObject({
        deliveryOption: z.strictObject({
          mode: z.enum(['event-driven', 'event-streaming']).optional(),
          eventSchema: z.enum(['CloudEvents', 'RawData']).optional(),
        }),
      })
      .optional(),
    /** This is how EventBridge batches and repeats; the function takes batches, and a repeated event is harmless. */
    runOptions: z.looseObject({}).optional(),
  }),
});

const hook = z.strictObject({ handler, timeout: whole(1, 300).optional() });

const functionProps = z
  .strictObject({
    functionName: z
      .string()
      .regex(/^[A-Za-z_][\w-]{0,63}$/, { error: 'is not a function name (64 at most)' }),
    region: z.string().regex(/^[a-z]{2}-[a-z]+(?:-\w+)*$/, { error: 'is not a region such as cn-hangzhou' }),
    description: z.string().max(256).optional(),
    runtime: z.literal('nodejs20'),
    handler,
    code: z.string().min(1),
    cpu: z.number().min(0.05).max(16),
    memorySize: whole(128, 32768).multipleOf(64),
    diskSize: z.union([z.literal(512), z.literal(10240)]).optional(),
    timeout: whole(1, 86400),
    internetAccess: z.boolean().optional(),
    role: roleArn,
    environmentVariables: z.record(
      z.string().regex(/^(?!FC_)[A-Za-z]\w*$/, { error: 'is not a name for a variable (FC_ is reserved)' }),
      z.string(),
    ),
    instanceLifecycleConfig: z.strictObject({ initializer: hook }).optional(),
    logConfig: z.strictObject({
      project: z.string().min(1),
      logstore: z.string().min(1),
      enableRequestMetrics: z.boolean(),
      enableInstanceMetrics: z.boolean(),
      logBeginRule: z.literal('None', {
        error: 'must be None: DefaultRegex glues JSON lines together, since they do not begin with a date',
      }),
    }),
    asyncInvokeConfig: z.strictObject({
      /** The component puts it on what it reads, and shows a difference where the file does not have it. */
      qualifier: z.literal('LATEST').optional(),
      /** Keeps the state of each asynchronous invocation for seven days, by its id. */
      asyncTask: z.boolean().optional(),
      maxAsyncRetryAttempts: whole(0, 8),
      maxAsyncEventAgeInSeconds: whole(1, 604800),
      destinationConfig: z
        .strictObject({ onFailure: z.strictObject({ destination: functionArn }) })
        .optional(),
    }),
    /** It is the number of instances that are kept free for the function, which never has more. */
    concurrencyConfig: z.strictObject({ reservedConcurrency: whole(1, 300) }).optional(),
    /** None: it is a failure destination, or invoked by its name. */
    triggers: z.array(z.discriminatedUnion('triggerType', [ossTrigger, timerTrigger, eventBridgeTrigger])),
  })
  .check((context) => {
    const { cpu, memorySize, environmentVariables } = context.value;
    const ratio = memorySize / 1024 / cpu;
    const refuse = (path: string, message: string) =>
      context.issues.push({ code: 'custom', message, path: [path], input: context.value });
    if (ratio < 1 || ratio > 4) {
      refuse('memorySize', `is ${ratio.toFixed(2)} GB for each vCPU; Function Compute takes 1 to 4`);
    }
    for (const { name, reason } of variableMistakes(environmentVariables, 'function')) {
      const path = ['environmentVariables', name];
      context.issues.push({ code: 'custom', message: reason, path, input: environmentVariables });
    }
    if (Buffer.byteLength(Object.entries(environmentVariables).flat().join('')) > 4096) {
      refuse('environmentVariables', 'are more than 4 KB together');
    }
  });

const command = z.strictObject({ run: z.string().min(1), path: z.string().optional() });
const actions = z.partialRecord(z.enum(['pre-deploy']), z.array(command));

/** The whole of an s.yaml, with its variables filled in. */
export const templateSchema = z.strictObject({
  edition: z.literal('3.0.0'),
  name: z.string().min(1),
  access: z.string().min(1),
  vars: z.record(z.string(), z.unknown()).optional(),
  /** Run once for all resources. */
  actions: actions.optional(),
  resources: z.record(
    z.string(),
    z.strictObject({
      component: z.string().regex(/^fc3(?:@\d+\.\d+\.\d+)?$/, {
        error: `is not ${component}: the component fc3 and its version`,
      }),
      actions: actions.optional(),
      props: functionProps,
    }),
  ),
});

export type FunctionProps = z.infer<typeof functionProps>;
export type Trigger = FunctionProps['triggers'][number];
export type OssTrigger = z.infer<typeof ossTrigger>;
export type TimerTrigger = z.infer<typeof timerTrigger>;
export type EventBridgeTrigger = z.infer<typeof eventBridgeTrigger>;
