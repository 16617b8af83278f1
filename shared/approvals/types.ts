import type { Signed } from './another.ts';

/** One act, said exactly: an approval is of this and of nothing else. */
export type ApprovalSubject =
  | { readonly act: 'lock'; readonly bucket: string; readonly wormId: string; readonly days: number }
  | {
      readonly act: 'extend';
      readonly bucket: string;
      readonly wormId: string;
      /** The days afterwards. */
      readonly days: number;
    }
  /** The retention of one version, by hand. */
  | {
      readonly act: 'retain';
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
      /** ISO 8601, in UTC. */
      readonly until: string;
    }
  /** A run over existing versions. */
  | {
      readonly act: 'protect';
      /** The address, as the command is given it. */
      readonly target: string;
      /** The hash of the rules. */
      readonly rules: string;
      /** Leaves out versions that were uploaded at this instant or later. */
      readonly before: string;
      /** Versions that are written. */
      readonly versions: number;
      /** The latest date among them. */
      readonly latest: string;
      /** The hash of the versions with their dates, in the order in which they are read. */
      readonly list: string;
    }
  | {
      readonly act: 'release';
      readonly matter: string;
      /** The hash of the records that are released. */
      readonly records: string;
      /** The matter is released already, and its versions are gone over again. */
      readonly again?: true | undefined;
    };

/** The act of a run over existing versions. */
export type ProtectSubject = Extract<ApprovalSubject, { act: 'protect' }>;

/** The word for an act that may need an approval. */
export type ApprovalAct = ApprovalSubject['act'];

/** An approval as it was found in the folder of the evidence. */
export interface Approval extends Signed {
  /** The time of the service when it was written. */
  readonly at: Date;
  readonly subjects: readonly ApprovalSubject[];
  /** The hash of all of them. */
  readonly plan: string;
  readonly note: string | undefined;
  /** Its key without the folder of the evidence. */
  readonly file: string;
}
