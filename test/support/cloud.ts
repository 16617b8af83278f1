import { onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import { type TestFunction, writeFunctions } from './functions.ts';

/** Starts an embedded cloud with functions written in the test, which run in threads unless it is told otherwise; it ends with the test. */
export async function cloudWith(
  functions: Readonly<Record<string, TestFunction>>,
  options: CloudOptions = {},
): Promise<Cloud> {
  const { template } = writeFunctions(functions);
  const cloud = await startCloud({ template, instances: 'threads', ...options });
  onTestFinished(() => cloud.close());
  return cloud;
}
