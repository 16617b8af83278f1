import type { AuditFile } from '../audit/file.ts';
import { widened } from '../platform/span.ts';

/** Rules that the evidence names. */
export interface RulesSeen {
  /** Undefined: of files that name none, by earlier versions of Holdfast. */
  readonly fingerprint?: string | undefined;
  readonly first: Date;
  readonly last: Date;
  readonly files: number;
  /** The texts that the evidence has of them: more than one where comments or reasons were changed. */
  readonly texts: readonly string[];
}

/** Returns what is known of rules after one more file of evidence. */
export function seeRules(
  before: RulesSeen | undefined,
  { rules: fingerprint, rulesText, writtenAt }: Pick<AuditFile, 'rules' | 'rulesText' | 'writtenAt'>,
): RulesSeen {
  const texts = before?.texts ?? [];
  const isNew = rulesText !== undefined && !texts.includes(rulesText);
  const [first, last] = widened([before?.first, before?.last], writtenAt);
  return {
    fingerprint,
    first,
    last,
    files: (before?.files ?? 0) + 1,
    texts: isNew ? [...texts, rulesText] : texts,
  };
}
