import { distance } from 'fastest-levenshtein';
import { failure } from './errors.ts';

/** This is what a deployed function is told by its environment. */
export interface Config {
  /** A path inside the code, or `oss://bucket/key` (on FunctionGraph `obs://bucket/key`). */
  readonly rules: string;
  /** The region that is served; undefined: the function's own. */
  readonly region: string | undefined;
  /** It is the address of OSS. Undefined: the region's internal endpoint. */
  readonly endpoint: string | undefined;
  /** It is the address of OBS. Undefined: the region's endpoint. */
  readonly obsEndpoint: string | undefined;
  /** This is where functions are invoked; undefined: the account's internal address in the region. */
  readonly functionsEndpoint: string | undefined;
  /** Requests a second of each invocation that repairs. */
  readonly taskQps: number;
  /** Observe and decide, and let no write through. */
  readonly dryRun: boolean;
  readonly logLevel: LogLevel;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Reads the value of one variable. */
interface Variable<Value> {
  /** Used when the variable is unset or empty. */
  readonly unset: Value;
  /** @returns a complaint for a text that is no value */
  read(text: string): Value | Complaint;
}

class Complaint {
  constructor(readonly reason: string) {}
}

const anyText = (text: string) => text;

/*
 * Read without a schema: this is on the path of every cold start, and loading zod takes nearly as long as starting
 * Node.js.
 */
const variables: {
  readonly HOLDFAST_RULES: Variable<string>;
  readonly HOLDFAST_REGION: Variable<string | undefined>;
  readonly HOLDFAST_OSS_ENDPOINT: Variable<string | undefined>;
  readonly HOLDFAST_OBS_ENDPOINT: Variable<string | undefined>;
  readonly HOLDFAST_FC_ENDPOINT: Variable<string | undefined>;
  readonly HOLDFAST_TASK_QPS: Variable<number>;
  readonly HOLDFAST_DRY_RUN: Variable<boolean>;
  readonly HOLDFAST_LOG_LEVEL: Variable<LogLevel>;
} = {
  HOLDFAST_RULES: { unset: 'rules.yaml', read: anyText },
  HOLDFAST_REGION: { unset: undefined, read: anyText },
  HOLDFAST_OSS_ENDPOINT: { unset: undefined, read: anyText },
  HOLDFAST_OBS_ENDPOINT: { unset: undefined, read: anyText },
  HOLDFAST_FC_ENDPOINT: {
    unset: undefined,
    read: (text) => (URL.canParse(text) ? text : new Complaint('it is no URL')),
  },
  HOLDFAST_TASK_QPS: {
    unset: 100,
    read(text) {
      const number = Number(text);
      const isUsable = Number.isSafeInteger(number) && number >= 1;
      return isUsable ? number : new Complaint('it must be a whole number from 1');
    },
  },
  HOLDFAST_DRY_RUN: {
    unset: false,
    read(text) {
      const word = text.toLowerCase();
      if (['true', '1', 'yes'].includes(word)) return true;
      return ['false', '0', 'no'].includes(word) ? false : new Complaint('it must be true or false');
    },
  },
  HOLDFAST_LOG_LEVEL: {
    unset: 'info',
    read: (text) =>
      logLevels.find((level) => level === text) ?? new Complaint(`it must be one of ${logLevels.join(', ')}`),
  },
};

const names = Object.keys(variables);

/** The names of the variables that functions read. */
export const configurationNames: readonly string[] = names;

/** @returns a complaint with the text that was found */
function readVariable<Value>({ unset, read }: Variable<Value>, text: string | undefined): Value | Complaint {
  if (text === undefined || text === '') return unset;
  const value = read(text);
  return value instanceof Complaint ? new Complaint(`${value.reason} (found ${text})`) : value;
}

/** Names under our prefix that other things read: the deployment, the command line, development and tests. */
const namesElsewhere = [
  ...['HOLDFAST_BUCKET', 'HOLDFAST_INVENTORY_BUCKET', 'HOLDFAST_FC3'],
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
  const wrong = Object.entries<Variable<unknown>>(variables).flatMap(([name, variable]) => {
    const value = readVariable(variable, env[name]);
    return value instanceof Complaint ? [{ name, reason: value.reason }] : [];
  });
  return [...unknownNames(env, place), ...wrong];
}

function unknownNames(
  env: Readonly<Record<string, string | undefined>>,
  place: 'function' | 'process',
): VariableMistake[] {
  const known = place === 'function' ? names : [...names, ...namesElsewhere];
  return Object.keys(env)
    .filter((name) => !known.includes(name) && isOurs(name))
    .map((name) => ({ name, reason: `functions read no such variable; did you mean ${nearest(name)}?` }));
}

/** Under our prefix in any spelling, or a slip of two letters away from a name that is read. */
function isOurs(name: string): boolean {
  const upper = name.toUpperCase();
  // A platform sets dozens of variables, and each start looks at all of them: most have no part of our prefix.
  if (!partsOfPrefix.some((part) => upper.includes(part))) return false;
  return /^HOLD[_-]?FAST/.test(upper) || names.some((one) => isNear(upper, one));
}

/** The prefix of every name in three parts: two slips leave one of them whole. */
const partsOfPrefix = ['HOL', 'DFA', 'ST_'];

/** Names whose lengths differ by more need no comparison, and these are nearly all. */
const isNear = (name: string, one: string): boolean =>
  Math.abs(name.length - one.length) <= mostSlips && distance(name, one) <= mostSlips;

const mostSlips = 2;

const nearest = (name: string): string =>
  names.reduce((best, one) =>
    distance(name.toUpperCase(), one) < distance(name.toUpperCase(), best) ? one : best,
  );

/**
 * Reads the configuration from environment variables; an empty variable counts as unset.
 * @throws CONFIG_INVALID naming the first variable that is not usable, or that nothing reads
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const [unknown] = unknownNames(env, 'process');
  if (unknown !== undefined) throw failure('CONFIG_INVALID', { ...unknown });
  const usable = <Value>(name: keyof typeof variables, variable: Variable<Value>): Value => {
    const value = readVariable(variable, env[name]);
    if (value instanceof Complaint) throw failure('CONFIG_INVALID', { name, reason: value.reason });
    return value;
  };
  return {
    rules: usable('HOLDFAST_RULES', variables.HOLDFAST_RULES),
    region: usable('HOLDFAST_REGION', variables.HOLDFAST_REGION),
    endpoint: usable('HOLDFAST_OSS_ENDPOINT', variables.HOLDFAST_OSS_ENDPOINT),
    obsEndpoint: usable('HOLDFAST_OBS_ENDPOINT', variables.HOLDFAST_OBS_ENDPOINT),
    functionsEndpoint: usable('HOLDFAST_FC_ENDPOINT', variables.HOLDFAST_FC_ENDPOINT),
    taskQps: usable('HOLDFAST_TASK_QPS', variables.HOLDFAST_TASK_QPS),
    dryRun: usable('HOLDFAST_DRY_RUN', variables.HOLDFAST_DRY_RUN),
    logLevel: usable('HOLDFAST_LOG_LEVEL', variables.HOLDFAST_LOG_LEVEL),
  };
}
