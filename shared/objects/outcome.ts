import type { HoldfastError } from '../platform/errors.ts';
import type { Receipt, VersionId } from '../storage/port.ts';
import type { ObjectDecision } from './types.ts';

/** The means by which a version of open matters is kept: a legal hold, or generations of retention where its bucket takes none. */
export interface UploadHold {
  readonly matters: readonly string[];
  readonly by: 'put-on' | 'already-on' | 'retention';
  /** This is what the write of a hold left in the hand, when one was made. */
  readonly receipt?: Receipt;
}

/** An outcome says what was done about one version, or about an event that led to none. */
export interface ObjectOutcome {
  readonly bucket: string;
  readonly key: string;
  /** The key as the event has it, where only a decoded reading of it led to the version. */
  readonly eventKey?: string;
  readonly versionId: VersionId | undefined;
  readonly decision:
    | ObjectDecision
    /** The version was deleted for good before it could be protected; no repeat can help. */
    | { readonly action: 'gone'; readonly warnings?: readonly string[] }
    /** An event that creates no version that could be retained. */
    | { readonly action: 'ignored'; readonly reason: string };
  /** This is what the write left in the hand, when one was made. */
  readonly receipt?: Receipt;
  /** The legal hold of the version, when an open matter has it. */
  readonly hold?: UploadHold;
  /** Everything that went wrong; with any of these the event has failed. */
  readonly errors: readonly HoldfastError[];
}
