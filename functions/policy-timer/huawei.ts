import { createGraphRuntime, type GraphContext } from '../huawei.ts';
import { repairBuckets } from './repair-buckets.ts';

const runtime = createGraphRuntime('policy-timer', import.meta.dirname);

/** FunctionGraph calls this once an instance, before the first run. */
export const { initializer } = runtime;

/**
 * Repairs the buckets whose last repair is a day old; see {@link repairBuckets}. The event says nothing that is needed: what
 * counts is the time and the buckets.
 */
export const handler = (_event: unknown, context: GraphContext): Promise<Record<string, number>> =>
  runtime.invoke(context, repairBuckets);
