import type { Trigger } from '../../shared/deploy/template.ts';

/** A function as far as running it needs to know it. The props of an s.yaml are one; so is what the API was given. */
export interface RunFunction {
  readonly functionName: string;
  readonly handler: string;
  /** MB. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  /** The ARN of the role whose credentials it gets; absent: it gets credentials that may do nothing on an account. */
  readonly role?: string | undefined;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly instanceLifecycleConfig?:
    | { readonly initializer: { readonly handler: string; readonly timeout?: number | undefined } }
    | undefined;
  readonly logConfig?: { readonly project: string; readonly logstore: string } | undefined;
  readonly asyncInvokeConfig: {
    readonly asyncTask?: boolean | undefined;
    readonly maxAsyncRetryAttempts: number;
    readonly maxAsyncEventAgeInSeconds: number;
    readonly destinationConfig?: { readonly onFailure: { readonly destination: string } } | undefined;
  };
  readonly concurrencyConfig?: { readonly reservedConcurrency: number } | undefined;
  readonly triggers: readonly Trigger[];
}
