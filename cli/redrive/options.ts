import type { LetterOptions } from './dead-letters.ts';

/** The options of `holdfast redrive`. */
export interface RedriveOptions extends LetterOptions {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly invoke?: boolean;
}
