/** A function as Function Compute shows it (fc20230330, Function). */
export interface DeployedFunction {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string | undefined;
  /** Seconds. */
  readonly timeout: number;
  /** MB. */
  readonly memorySize: number;
  readonly cpu: number;
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** The handler of its initializer; undefined: it has none. */
  readonly initializer: string | undefined;
  readonly log: {
    readonly project: string | undefined;
    readonly logstore: string | undefined;
    readonly beginRule: string | undefined;
  };
}

/** This is what becomes of asynchronous invocations (fc20230330, AsyncConfig). */
export interface DeployedAsyncConfig {
  readonly maxAsyncRetryAttempts: number | undefined;
  readonly maxAsyncEventAgeInSeconds: number | undefined;
  readonly failureDestination: string | undefined;
  /** Tells whether every asynchronous invocation is recorded as a task. */
  readonly asyncTask: boolean;
}

export interface DeployedTrigger {
  readonly triggerName: string;
  readonly triggerType: string;
  readonly sourceArn: string | undefined;
  readonly invocationRole: string | undefined;
  /** It is written as s.yaml has it under `triggerConfig`. */
  readonly config: unknown;
}

/** One recorded asynchronous invocation; Function Compute remembers seven days. */
export interface RecordedRun {
  readonly status: string;
  readonly startedAt: Date;
}

/** This is what is deployed, read only. Every call throws the coded errors of ../platform/errors.ts. */
export interface FunctionCatalog {
  /** Undefined: there is no such function. */
  getFunction(name: string): Promise<DeployedFunction | undefined>;
  /** Undefined: it has none of its own, and the service's defaults hold. */
  getAsyncConfig(name: string): Promise<DeployedAsyncConfig | undefined>;
  listTriggers(name: string): Promise<readonly DeployedTrigger[]>;
  /** The files of its code by their paths. */
  getCode(name: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Its latest recorded invocations, newest first. */
  listRuns(name: string): Promise<readonly RecordedRun[]>;
}
