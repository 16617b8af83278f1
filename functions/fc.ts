/** What Function Compute hands to a handler, as far as Holdfast uses it (fc-docs 109). */
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
