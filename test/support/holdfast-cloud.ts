import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import type { Invocation } from '../../local/fc/invocations.ts';
import { rulesFile } from './rules-file.ts';

/** The functions as s.yaml names them. */
export const objectCreated = 'holdfast-object-created';
export const policyTimer = 'holdfast-policy-timer';

/**
 * The embedded cloud with the built functions of this repository; it ends with the test.
 * @param options `timeout`: the time limit of the functions in seconds, instead of that of s.yaml
 */
export async function holdfastCloud(
  rules?: string,
  { timeout, ...options }: CloudOptions & { readonly timeout?: number } = {},
): Promise<Cloud> {
  const cloud = await startCloud({
    ...(timeout === undefined ? { template: 's.yaml' } : templateWith(timeout)),
    everyBucket: true,
    instances: 'threads',
    clock: new Date('2027-03-01T10:05:00.300Z'), // the timer's next run is in ten minutes
    ...(rules === undefined ? {} : { rules: rulesFile(rules) }),
    ...options,
  });
  onTestFinished(() => cloud.close());
  return cloud;
}

/** Our s.yaml with another time limit of the functions, in seconds: for services that do not answer. */
function templateWith(timeout: number): Pick<CloudOptions, 'template' | 'codeRoot'> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-template-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
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
