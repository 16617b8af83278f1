import * as z from 'zod';

/*
 * This is what an export keeps of its pass over the evidence, so that it goes on there after it was stopped.
 */

const texts = z.array(z.string()).readonly();
const row = z.record(z.string(), z.string());
/** A line of a table, as texts. */
export type TextRow = z.infer<typeof row>;

const count = z.int().nonnegative();

const approvalGiven = z.object({ at: z.coerce.date(), place: row });
/** The record of an approval: when it was written, and its place in the pack. */
export type ApprovalGiven = z.infer<typeof approvalGiven>;

/** The form of what a pass over the evidence knows. */
export const evidenceState = z.object({
  decisions: count,
  kept: count,
  rules: z.array(
    z.object({
      fingerprint: z.string().optional(),
      first: z.coerce.date(),
      last: z.coerce.date(),
      files: count,
      texts,
    }),
  ),
  plans: texts,
  matters: texts,
  buckets: texts,
  approvals: texts,
  approvalsGiven: z.array(z.tuple([z.string(), approvalGiven])),
  /** Steps of plans of disposition, by which versions of the export may have gone. */
  steps: z.array(z.object({ plan: z.string(), at: z.coerce.date(), row })),
  /** Releases of matters that may turn out to be of the export. */
  releases: z.array(z.object({ matter: z.string(), record: z.record(z.string(), z.unknown()), row })),
  keptWriter: z.string().optional(),
});
export type EvidenceState = z.infer<typeof evidenceState>;

/** The form of what the verification of the evidence knows between two hours. */
export const verifyState = z.object({
  next: z.string(),
  files: count,
  records: count,
  findings: count,
  chain: z.object({
    names: texts,
    heads: z.array(z.tuple([z.string(), z.string()])),
    namedByLater: texts,
    unnamed: texts,
  }),
  reported: texts,
  lastAnchor: z.object({ name: z.string(), writtenAt: z.coerce.date() }).optional(),
});
