import type { CloudName } from '../../shared/platform/address.ts';

/** This is how a run is to go; rates are from 0 to 1. */
export interface ChaosOptions {
  /** Uploads, each of which makes an event. */
  readonly events: number;
  readonly seed: number;
  /** It is a share of all calls of the functions to OSS. */
  readonly faults: number;
  readonly duplicate: number;
  readonly lose: number;
  readonly reorder: number;
  /** It is a share of all invocations. */
  readonly kill: number;
  readonly repair: boolean;
  /** The cloud whose objects are stormed. */
  readonly cloud: CloudName;
}
