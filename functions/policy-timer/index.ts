import { type FcContext, functionCompute } from '../fc.ts';
import { createRuntime } from '../runtime.ts';
import { serveBucketPolicies } from './policies.ts';

const runtime = createRuntime('policy-timer', import.meta.dirname, functionCompute);

/** FC calls this once an instance, before the first run. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Serves the WORM policies of buckets; see {@link serveBucketPolicies}. The event says nothing that is needed: what counts
 * is the time and the buckets.
 */
export const handler = (_event: Uint8Array, context: FcContext): Promise<Record<string, number>> =>
  runtime.invoke(context, serveBucketPolicies);
