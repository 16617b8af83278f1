import * as z from 'zod';
import type { ObjectOutcome } from '../objects/outcome.ts';
import { type DecisionWords, decisionWords } from '../objects/record.ts';
import type { HoldfastError } from '../platform/errors.ts';
import { errorFields } from '../platform/log.ts';
import type { MaybeVersionAt } from '../storage/port.ts';
import type { KnownVersion } from './source.ts';

/** One line of the report: a version that changed, or would, or failed, or is gone, or can no longer be extended. */
export const reportLine = z.object({
  result: z.enum(['protected', 'would-protect', 'failed', 'at-cap', 'gone']),
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().optional(),
  rule: z.string().optional(),
  retainUntil: z.string().optional(),
  previousUntil: z.string().optional(),
  reason: z.string().optional(),
  code: z.string().optional(),
  remedy: z.string().optional(),
  /** False for a version that was written before anybody looked at it: what it had before is not known. */
  looked: z.boolean().optional(),
});
export type ReportLine = z.infer<typeof reportLine>;

/** This is what one version adds to the result: counts, and a line if a person may have to know of it. */
export const entry = z.object({
  action: z.string(),
  rule: z.string().optional(),
  line: reportLine.optional(),
  /** It was written without a look. */
  unseen: z.literal(true).optional(),
  /** It is there when what was written without a look was read back, and stands. */
  readBack: z.literal(true).optional(),
});
export type VersionEntry = z.infer<typeof entry>;

/** Returns the entry of a version that was decided about. Without request ids, so that a repeated run says the same. */
export function entryOf(outcome: ObjectOutcome): VersionEntry {
  const words = decisionWords(outcome.decision);
  const { rule } = words;
  const result = resultOf(outcome);
  if (result === undefined) return { action: outcome.decision.action, rule };
  return { action: result, rule, line: lineOf(result, outcome, words, outcome.errors[0]) };
}

/** Returns the entry of a version that was written without a look. */
export function unseenEntryOf(outcome: ObjectOutcome): VersionEntry {
  const words = decisionWords(outcome.decision);
  const { rule } = words;
  const result = resultOf(outcome);
  if (result === undefined) return { action: outcome.decision.action, rule, unseen: true };
  const line = lineOf(result, outcome, words, outcome.errors[0], false);
  return { action: result, rule, line, unseen: true };
}

/** Returns what the report shows of a version. There is one for each of a run, so no schema goes over it. */
function lineOf(
  result: ReportLine['result'],
  { bucket, key, versionId }: MaybeVersionAt,
  { rule, retainUntil, previousUntil, reason }: DecisionWords,
  error?: HoldfastError,
  looked?: false,
): ReportLine {
  const failed = error && errorFields(error);
  return {
    result,
    bucket,
    key,
    versionId,
    rule,
    retainUntil,
    previousUntil,
    reason: failed === undefined ? reason : textOf(failed['reason']),
    code: failed && textOf(failed['code']),
    remedy: failed && textOf(failed['remedy']),
    looked,
  };
}

const noWords: DecisionWords = {
  rule: undefined,
  retainUntil: undefined,
  previousUntil: undefined,
  reason: undefined,
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Tells what the report says of it; undefined when it needs no line. */
function resultOf({ decision, receipt, errors }: ObjectOutcome): ReportLine['result'] | undefined {
  if (errors.length > 0) return 'failed';
  if (decision.action === 'at-cap' || decision.action === 'gone') return decision.action;
  if (decision.action !== 'protect') return undefined;
  return receipt?.sent === false ? 'would-protect' : 'protected';
}

/** Returns the entry of a version that could not be observed. */
export function failedEntry({ bucket, key, versionId }: KnownVersion, error: HoldfastError): VersionEntry {
  return { action: 'failed', line: lineOf('failed', { bucket, key, versionId }, noWords, error) };
}
