/** How a run is to go; rates are from 0 to 1. */
export interface ChaosOptions {
  /** Uploads, each of which makes an event. */
  readonly events: number;
  readonly seed: number;
  /** Of all calls of the functions to OSS. */
  readonly faults: number;
  readonly duplicate: number;
  readonly lose: number;
  readonly reorder: number;
  /** Of all invocations. */
  readonly kill: number;
  readonly repair: boolean;
}
