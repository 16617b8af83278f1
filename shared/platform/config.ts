import { distance } from 'fastest-levenshtein';
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
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['true', '1', 'yes', 'false', '0', 'no'], { error: 'it must be true or false' }))
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

/** Names under our prefix that other things read: the deployment, the command line, development and tests. */
const namesElsewhere = [
  ...['HOLDFAST_BUCKET', 'HOLDFAST_INVENTORY_BUCKET', 'HOLDFAST_LOG_PROJECT', 'HOLDFAST_FC3'],
  ...['HOLDFAST_LOCAL_MEMORY_MB', 'HOLDFAST_LOCAL_OFFSET_MS', 'HOLDFAST_RECORDINGS', 'HOLDFAST_MODEL_RUNS'],
  ...[
    'HOLDFAST_BROWSER',
    'HOLDFAST_CHROMIUM',
    'HOLDFAST_CONFORMANCE_ENDPOINT',
    'HOLDFAST_CONFORMANCE_REGION',
  ],
  ...['HOLDFAST_CONFORMANCE_ACCESS_KEY_ID', 'HOLDFAST_CONFORMANCE_ACCESS_KEY_SECRET'],
  ...['HOLDFAST_CONFORMANCE_BUCKET_PREFIX', 'HOLDFAST_CONFORMANCE_IRREVERSIBLE'],
];

/** A variable that is misspelt, belongs elsewhere, or has a value that cannot be used. */
export interface VariableMistake {
  readonly name: string;
  readonly reason: string;
}

/**
 * Finds mistakes in the variables of a function. A misspelt name would be ignored, and a dry run would write.
 * @param place `function`: the variables that s.yaml gives to a function, where only names that functions read belong;
 * `process`: what a process has found, where names of development and deployment may stand beside
 */
export function variableMistakes(
  env: Readonly<Record<string, string | undefined>>,
  place: 'function' | 'process',
): VariableMistake[] {
  const read = Object.keys(environment.shape);
  const known = place === 'function' ? read : [...read, ...namesElsewhere];
  const unknown = Object.keys(env).filter((name) => !known.includes(name) && isOurs(name, read));
  const values = environment.safeParse(withoutEmpty(env)).error?.issues ?? [];
  return [
    ...unknown.map((name) => ({
      name,
      reason: `functions read no such variable; did you mean ${nearest(name, read)}?`,
    })),
    ...values.map((issue) => {
      const name = String(issue.path[0] ?? 'the environment');
      return { name, reason: `${issue.message} (found ${env[name]})` };
    }),
  ];
}

/** Under our prefix in any spelling, or a slip of two letters away from a name that is read. */
const isOurs = (name: string, read: readonly string[]): boolean =>
  /^hold[_-]?fast/i.test(name) || read.some((one) => distance(name.toUpperCase(), one) <= 2);

const nearest = (name: string, read: readonly string[]): string =>
  read.reduce((best, one) =>
    distance(name.toUpperCase(), one) < distance(name.toUpperCase(), best) ? one : best,
  );

const withoutEmpty = (
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

/**
 * Reads the configuration from environment variables; an empty variable counts as unset.
 * @throws CONFIG_INVALID naming the first variable that is not usable, or that nothing reads
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const [mistake] = variableMistakes(env, 'process');
  if (mistake !== undefined) throw failure('CONFIG_INVALID', { ...mistake });
  const data = environment.parse(withoutEmpty(env));
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
