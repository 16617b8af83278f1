import * as z from 'zod';

/**
 * This is what cloudflow.yaml may contain, of CloudFlow's Flow Definition Language (help.aliyun.com, "FDL",
 * "Distributed mode", "Task states"). The service takes more; a name that is not in here is more likely misspelt.
 */

const name = z.string().regex(/^[A-Za-z_][\w-]{0,63}$/, { error: 'is not the name of a state' });
const count = z.int().positive();
/** This is where a state leads: to the next one, or to the end. */
const way = { Next: name.optional(), End: z.literal(true).optional() };

const invokeTask = z.strictObject({
  Type: z.literal('Task'),
  Name: name,
  Description: z.string().optional(),
  Action: z.literal('FC:InvokeFunction'),
  TaskMode: z.literal('RequestComplete'),
  Parameters: z.strictObject({
    resourceArn: z.string().regex(/^acs:fc:[\w-]+:\w+:functions\/[A-Za-z_][\w-]*\/LATEST$/, {
      error: 'is not acs:fc:REGION:ACCOUNT:functions/NAME/LATEST',
    }),
    invocationType: z.enum(['Sync', 'Async']),
    /** The event: an expression, because of the `.$`. */
    'body.$': z.string().startsWith('$'),
  }),
  Retry: z
    .array(
      z.strictObject({
        Errors: z.array(z.string().startsWith('FC.')).nonempty(),
        MaxAttempts: count,
        IntervalSeconds: count,
        MaxIntervalSeconds: count,
        BackoffRate: z.number().min(1),
      }),
    )
    .optional(),
  ...way,
});

interface Flow {
  readonly StartAt: string;
  readonly States: readonly {
    readonly Name: string;
    readonly Next?: string | undefined;
    readonly End?: true | undefined;
  }[];
}

/** Each state leads to another or to the end, and the first one is there. */
function checkWays({ value, issues }: z.core.ParsePayload<Flow>): void {
  const names = value.States.map((each) => each.Name);
  const refuse = (message: string) => issues.push({ code: 'custom', message, input: value });
  if (!names.includes(value.StartAt)) refuse(`StartAt names ${value.StartAt}, which is no state`);
  for (const { Name, Next, End } of value.States) {
    if ((Next === undefined) === (End === undefined)) refuse(`${Name} needs one of Next and End`);
    if (Next !== undefined && !names.includes(Next)) refuse(`${Name} leads to ${Next}, which is no state`);
  }
}

const distributedMap = z.strictObject({
  Type: z.literal('Map'),
  Name: name,
  Description: z.string().optional(),
  ProcessorConfig: z.strictObject({ ExecutionMode: z.enum(['Express', 'Standard']) }),
  ItemReader: z.strictObject({
    SourceType: z.literal('OSS.JSON'),
    SourceParameters: z.strictObject({ Bucket: z.string().min(1), ObjectName: z.string().min(1) }),
  }),
  ItemsPath: z.string().startsWith('$'),
  MaxConcurrency: count,
  ToleratedFailurePercentage: z.number().min(0).max(100),
  Processor: z.strictObject({ StartAt: name, States: z.array(invokeTask).nonempty() }).check(checkWays),
  ...way,
});

/** The whole of cloudflow.yaml. */
export const workflowSchema = z
  .strictObject({
    Type: z.literal('StateMachine'),
    Name: name,
    SpecVersion: z.literal('v1'),
    StartAt: name,
    States: z.array(distributedMap).nonempty(),
  })
  .check(checkWays);
