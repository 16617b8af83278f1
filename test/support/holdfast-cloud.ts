import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import type { Invocation } from '../../local/fc/invocations.ts';

/** The functions as s.yaml names them. */
export const objectCreated = 'holdfast-object-created';
export const policyTimer = 'holdfast-policy-timer';

/** The embedded cloud with the built functions of this repository; it ends with the test. */
export async function holdfastCloud(rules?: string, options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await startCloud({
    template: 's.yaml',
    everyBucket: true,
    clock: new Date('2027-03-01T10:05:00.300Z'), // the timer's next run is in ten minutes
    ...(rules === undefined ? {} : { rules: rulesFile(rules) }),
    ...options,
  });
  onTestFinished(() => cloud.close());
  return cloud;
}

/** Writes a rules file that goes away with the test. */
export function rulesFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, text);
  return file;
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
