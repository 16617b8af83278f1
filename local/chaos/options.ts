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
  /** The share of events whose key arrives encoded; keys of OBS are encoded anyway. */
  readonly encode: number;
  /** The share of events that are stamped before their version. */
  readonly early: number;
  /** The share of uploads that are versions of one key. */
  readonly hot: number;
  /** The share of the functions' calls that are never answered. */
  readonly silent: number;
  /** The share of looks at a policy after which a person renews it, before the reply arrives. */
  readonly renew: number;
  /** It is a share of all invocations. */
  readonly kill: number;
  /** Matters that are opened in the storm, and released in it or later: legal holds on OSS, generations of retention on OBS. */
  readonly matters: number;
  /** The share of bursts that are cases: held until the tag comes that closes them, in the storm or months later. */
  readonly lateTags: number;
  /** Acts of people that somebody else has to approve; with any, the timer needs approvals too. */
  readonly approvals: number;
  readonly repair: boolean;
  /** The cloud whose objects are stormed. */
  readonly cloud: CloudName;
}

/** Tells whether a run is about records too: cases that close late, matters, and approvals. */
export const hasRecords = ({
  matters,
  lateTags,
  approvals,
}: Pick<ChaosOptions, 'matters' | 'lateTags' | 'approvals'>): boolean =>
  matters > 0 || lateTags > 0 || approvals > 0;
