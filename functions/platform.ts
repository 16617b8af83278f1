import type { CloudName } from '../shared/platform/address.ts';
import type { Config } from '../shared/platform/config.ts';
import type { Deadline, OssCredentials } from '../shared/storage/oss/index.ts';
import type { ObjectStore } from '../shared/storage/port.ts';

/** One call of a function, in the words that Function Compute and FunctionGraph have in common. */
export interface FunctionCall {
  readonly requestId: string;
  readonly credentials: OssCredentials;
  /** The name under which the function is deployed; undefined when the platform does not say. */
  readonly functionName: string | undefined;
  /** Milliseconds until the platform ends the call. */
  readonly limitMs: number;
  /** The function's own region; undefined when the platform does not say. */
  readonly region: string | undefined;
  /** The account of Function Compute; empty when a command line runs the function, and on FunctionGraph. */
  readonly accountId: string;
  /**
   * Tells whether the platform itself calls. False: a command line runs the function, and tells its caller what
   * failed.
   */
  readonly isDeployed: boolean;
}

/** This is where a function finds its object store. */
export interface StoreAddress {
  readonly region: string;
  readonly config: Config;
}

/** Connections to the object store, which live as long as the instance. */
export interface StoreConnection {
  /** Makes the storage for one invocation, signed with its credentials. None of its requests goes on after `deadline`. */
  storage(deadline: Deadline, credentials: OssCredentials): ObjectStore;
}

/** The platform that runs a function: how it hands over events, configuration and credentials, and which cloud it is in. */
export interface FunctionPlatform<Context> {
  readonly cloud: CloudName;
  /**
   * Tells whether a failure is kept before the platform repeats it, because the platform does not say which attempt
   * is the last.
   */
  readonly keepsBeforeRepetition: boolean;
  /** The id of the call, which its failure is logged with, whatever else is wrong. */
  requestIdOf(context: Context): string;
  callOf(context: Context): FunctionCall;
  /** The variables that configure the function. */
  variablesOf(context: Context): Readonly<Record<string, string | undefined>>;
  /** @throws CONFIG_INVALID */
  connect(address: StoreAddress, credentials: OssCredentials): StoreConnection;
}
