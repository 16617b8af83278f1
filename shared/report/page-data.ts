import type { Posture } from './posture.ts';
import type { VersionPosture } from './types.ts';

/** An object as JSON gives it back: instants are ISO 8601 text. */
export type Plain<Value> = Value extends Date
  ? string
  : Value extends object
    ? { [Name in keyof Value]: Plain<Value[Name]> }
    : Value;

/** A version as the page's table shows it. */
export type PageVersion = Plain<VersionPosture>;

/** This is what the page is filled with. */
export interface PageData {
  /** The answer in one sentence. */
  readonly headline: string;
  readonly posture: Plain<Posture>;
  /** This is how many versions there are in all; the page has the most urgent of them. */
  readonly total: number;
  /** The most urgent first. */
  readonly versions: readonly PageVersion[];
}
