import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import type { Invocation } from '../../local/fc/invocations.ts';
import { inlineInstances } from './inline-instances.ts';
import { patientLimit } from './patient-limit.ts';
import { rulesFile } from './rules-file.ts';

/** The functions as s.yaml names them. */
export const objectCreated = 'holdfast-object-created';
export const policyTimer = 'holdfast-policy-timer';

interface Options extends CloudOptions {
  /** The time limit of the functions in seconds, instead of that of s.yaml. */
  readonly timeout?: number;
}

/**
 * The embedded cloud with the built functions of this repository.
 * @param whenFinished ends it with the test unless given
 */
export async function holdfastCloud(
  rules?: string,
  { timeout, ...options }: Options = {},
  whenFinished: (end: () => void | Promise<void>) => void = onTestFinished,
): Promise<Cloud> {
  const cloud = await startCloud({
    ...(timeout === undefined
      ? { template: 's.yaml' }
      : { ...templateWith(timeout, whenFinished), timeLimit: patientLimit }),
    everyBucket: true,
    instances: inlineInstances,
    clock: new Date('2027-03-01T10:05:00.300Z'), // the timer's next run is in ten minutes
    ...(rules === undefined ? {} : { rules: rulesFile(rules, whenFinished) }),
    ...options,
  });
  whenFinished(() => cloud.close());
  return cloud;
}

/**
 * One cloud for all tests of a block, whose functions stay warm. Each test takes buckets of its own and finds the log of requests
 * empty; none moves time or leaves a fault.
 */
export function sharedCloud(rules: string): () => Cloud {
  const ends: (() => void | Promise<void>)[] = [];
  let cloud: Cloud | undefined;
  beforeAll(async () => {
    cloud = await holdfastCloud(rules, {}, (end) => ends.push(end));
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  beforeEach(async () => {
    await cloud?.idle(); // what the test before has uploaded is handled
    cloud?.oss.requests.clear();
  });
  return () => {
    if (cloud === undefined) throw new Error('the cloud has not begun');
    return cloud;
  };
}

/** Our s.yaml with another time limit of the functions, in seconds: for services that do not answer. */
function templateWith(
  timeout: number,
  whenFinished: (end: () => void) => void,
): Pick<CloudOptions, 'template' | 'codeRoot'> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-template-'));
  whenFinished(() => rmSync(folder, { recursive: true, force: true }));
  const template = join(folder, 's.yaml');
  const text = readFileSync('s.yaml', 'utf8').replace(/^( {6}timeout: )\d+$/gm, `$1${timeout}`);
  writeFileSync(template, text);
  return { template, codeRoot: process.cwd() };
}

export type LogLine = Readonly<Record<string, unknown>>;

/** The JSON lines of an invocation. */
export const logOf = (invocation: Invocation): LogLine[] =>
  invocation.logs.map((line): LogLine => JSON.parse(line));

/** Invokes a function at once and waits for it. */
export async function invoke(cloud: Cloud, name: string, event: unknown): Promise<Invocation> {
  const payload = Buffer.from(typeof event === 'string' ? event : JSON.stringify(event));
  return (await cloud.fc.invoke(name, payload)).invocation;
}

/** What the functions asked of the object store, by the server's own log. */
export function requestsOfFunctions(cloud: Cloud): string[] {
  return cloud.oss.requests
    .list()
    .filter((request) => request.principal.startsWith('function '))
    .map((request) => request.operation);
}
