import * as z from 'zod';
import { failure } from './errors.ts';

/** What a deployed function is told by its environment. */
export interface Config {
  /** A path inside the code, or `oss://bucket/key`. */
  readonly rules: string;
  /** The region that is served; undefined: the function's own. */
  readonly region: string | undefined;
  /** Undefined: the region's internal endpoint. */
  readonly endpoint: string | undefined;
  /** Where functions are invoked; undefined: the account's internal address in the region. */
  readonly functionsEndpoint: string | undefined;
  /** Requests a second of each invocation that repairs. */
  readonly taskQps: number;
  /** Observe and decide, and let no write through. */
  readonly dryRun: boolean;
  readonly logLevel: LogLevel;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

const flag = z
  .enum(['true', '1', 'yes', 'false', '0', 'no'], { error: 'it must be true or false' })
  .transform((text) => ['true', '1', 'yes'].includes(text));

const environment = z.object({
  HOLDFAST_RULES: z.string().default('rules.yaml'),
  HOLDFAST_REGION: z.string().optional(),
  HOLDFAST_OSS_ENDPOINT: z.string().optional(),
  HOLDFAST_FC_ENDPOINT: z.url({ error: 'it is no URL' }).optional(),
  HOLDFAST_TASK_QPS: z.coerce
    .number({ error: 'it must be a whole number from 1' })
    .int('it must be a whole number from 1')
    .min(1, 'it must be a whole number from 1')
    .default(100),
  HOLDFAST_DRY_RUN: flag.default(false),
  HOLDFAST_LOG_LEVEL: z
    .enum(logLevels, { error: `it must be one of ${logLevels.join(', ')}` })
    .default('info'),
});

/**
 * Reads the configuration from environment variables; an empty variable counts as unset.
 * @throws CONFIG_INVALID naming the first variable that is not usable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = environment.safeParse(set);
  if (!read.success) {
    const [issue] = read.error.issues;
    const name = String(issue?.path[0] ?? 'the environment');
    throw failure(
      'CONFIG_INVALID',
      { name, reason: `${issue?.message} (found ${set[name]})` },
      { cause: read.error },
    );
  }
  const { data } = read;
  return {
    rules: data.HOLDFAST_RULES,
    region: data.HOLDFAST_REGION,
    endpoint: data.HOLDFAST_OSS_ENDPOINT,
    functionsEndpoint: data.HOLDFAST_FC_ENDPOINT,
    taskQps: data.HOLDFAST_TASK_QPS,
    dryRun: data.HOLDFAST_DRY_RUN,
    logLevel: data.HOLDFAST_LOG_LEVEL,
  };
}
