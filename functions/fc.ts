import { second } from '../shared/platform/instant.ts';
import { connectOss } from '../shared/storage/oss/index.ts';
import type { FunctionPlatform } from './platform.ts';

/** This is what Function Compute hands to a handler, as far as Holdfast uses it (fc-docs 109). */
export interface FcContext {
  readonly requestId: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken: string;
  };
  readonly function?: {
    readonly name: string;
    /** Seconds. */
    readonly timeout: number;
  };
  readonly region: string;
  /** Empty when a command line runs the function. */
  readonly accountId: string;
}

/** Seconds, when the context does not say (a caller other than Function Compute): as s.yaml has it. */
const defaultTimeout = 60;

/** Function Compute over OSS. Its events come as bytes, and its configuration as environment variables. */
export const functionCompute: FunctionPlatform<FcContext> = {
  cloud: 'oss',
  keepsBeforeRepetition: false,
  requestIdOf: ({ requestId }) => requestId,
  callOf: ({ requestId, credentials, function: self, region, accountId }) => ({
    requestId,
    // A role always has a security token; `holdfast simulate` may run with a user's key, which has none.
    credentials: { ...credentials, securityToken: credentials.securityToken || undefined },
    functionName: self?.name,
    limitMs: (self?.timeout ?? defaultTimeout) * second,
    region,
    accountId,
    isDeployed: accountId !== '' && self !== undefined,
  }),
  variablesOf: () => process.env,
  connect({ region, config: { endpoint } }, credentials) {
    const address = endpoint === undefined ? { internal: true } : { endpoint };
    return connectOss({ region, ...address, credentials });
  },
};

/**
 * Returns an event of Function Compute as text; undefined for bytes that are no text: a letter would not have the
 * event as it was.
 */
export function textOfBytes(event: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(event);
  } catch {
    return undefined;
  }
}
