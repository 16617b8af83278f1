import * as z from 'zod';
import type { FunctionProps } from '../../../shared/deploy/template.ts';
import { firstIssue } from '../../../shared/platform/first-issue.ts';

const whole = (least: number, most: number) => z.int().min(least).max(most);
const handler = z.string().regex(/^[\w./-]+\.\w+$/, { error: 'is not of the form file.export' });

/** The Node.js runtimes of Function Compute; this machine's Node.js runs them all. */
const runtimes = /^nodejs(?:20|18|16|14|12|10|8)$/;

/** Removes null values: to the service they are as good as left out. */
const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null))
    : value;

const log = z.looseObject({ project: z.string().optional(), logstore: z.string().optional() });

const fields = z.looseObject({
  functionName: z
    .string()
    .regex(/^[A-Za-z_][\w-]{0,63}$/, { error: 'is not a name of letters, digits, _ and -, 64 at most' }),
  runtime: z
    .string()
    .regex(runtimes, { error: 'is not a Node.js runtime, and the embedded cloud runs no other' }),
  handler,
  description: z.string().max(256).optional(),
  cpu: z.number().min(0.05).max(16).optional(),
  memorySize: whole(128, 32768).multipleOf(64).optional(),
  diskSize: z.union([z.literal(512), z.literal(10240)]).optional(),
  timeout: whole(1, 86400).optional(),
  instanceConcurrency: whole(1, 200).optional(),
  role: z.string().optional(),
  environmentVariables: z
    .record(
      z.string().regex(/^(?!FC_)[A-Za-z]\w*$/, { error: 'is not a name for a variable (FC_ is reserved)' }),
      z.string(),
    )
    .optional(),
  instanceLifecycleConfig: z
    .looseObject({
      initializer: z
        .looseObject({
          handler: z.union([handler, z.literal('')]).optional(),
          timeout: whole(1, 300).optional(),
        })
        .nullish(),
    })
    .optional(),
  logConfig: log.optional(),
});

/** A function's settings as the API was given them: what the embedded cloud understands, and the rest as it came. */
export type FunctionSettings = z.infer<typeof fields>;

/** Fills in what the service shows for settings that nobody gave (fc20230330 4.7.6, Function; fc3, props). */
export function shownSettings(settings: FunctionSettings) {
  return {
    internetAccess: true,
    disableOndemand: false,
    resourceGroupId: 'rg-default',
    ...settings,
    cpu: settings.cpu ?? 0.35,
    memorySize: settings.memorySize ?? 512,
    diskSize: settings.diskSize ?? 512,
    timeout: settings.timeout ?? 3,
    description: settings.description ?? '',
    environmentVariables: settings.environmentVariables ?? {},
    instanceConcurrency: settings.instanceConcurrency ?? 1,
  };
}

/**
 * Reads the settings of CreateFunction, or those of UpdateFunction over what was there. `code` is no setting.
 * @param before the settings so far; each one that is sent replaces all of its former value
 * @returns the settings, or in words what is wrong with them
 */
export function readSettings(
  sent: unknown,
  before?: FunctionSettings,
): { readonly settings: FunctionSettings } | { readonly problem: string } {
  const given = z.looseObject({}).safeParse(withoutNulls(sent));
  if (!given.success) return { problem: 'the body is not a JSON object' };
  const { code: _code, ...rest } = given.data;
  const parsed = fields.safeParse({
    ...before,
    ...rest,
    ...(before && { functionName: before.functionName }),
  });
  if (!parsed.success) return { problem: inWords(parsed.error) };
  const problem = problemOf(parsed.data);
  return problem === undefined ? { settings: parsed.data } : { problem };
}

function problemOf(settings: FunctionSettings): string | undefined {
  const { cpu, memorySize, environmentVariables } = shownSettings(settings);
  const ratio = memorySize / 1024 / cpu;
  if (ratio < 1 || ratio > 4) {
    return `memorySize is ${ratio.toFixed(2)} GB for each vCPU, and not 1 to 4`;
  }
  const text = Object.entries(environmentVariables).flat().join('');
  if (Buffer.byteLength(text) > 4096) return 'environmentVariables are more than 4 KB together';
  return undefined;
}

/** Returns the settings of a function of s.yaml, as `s deploy` would send them. */
export function settingsOfProps(props: FunctionProps): FunctionSettings {
  const { triggers: _triggers, asyncInvokeConfig: _async, concurrencyConfig: _concurrency, ...rest } = props;
  const { code: _code, region: _region, ...settings } = rest;
  return settings;
}

/** Returns the first mistake as the service words it: the field, then what is wrong with it. */
export const inWords = (error: z.ZodError): string => firstIssue(error, 'the body');
