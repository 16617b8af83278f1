import * as z from 'zod';
import { standings } from './standings.ts';

const instant = z.coerce.date();

/** One version in the report. Instants are UTC. */
export const versionPosture = z.object({
  standing: z.enum(standings),
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().optional(),
  /** The rule whose date counts, or the first one that cannot be followed. */
  rule: z.string().optional(),
  /** Until when it is held, or is expected to be; absent when nothing holds it. */
  until: instant.optional(),
  /** Until when the rules ask to hold it; absent when they cannot be followed or were not asked. */
  wanted: instant.optional(),
  /** The mode of the retention that is stored; absent when there is none, or it was not read. */
  mode: z.enum(['COMPLIANCE', 'GOVERNANCE']).optional(),
  /** True when a legal hold is on: it cannot be deleted until that is lifted. */
  legalHold: z.literal(true).optional(),
  /** In bytes; absent when nobody told. */
  size: z.number().optional(),
  lastModified: instant.optional(),
  /** Why it is not protected: an error's code, or a word of its own. */
  code: z.string().optional(),
  /** It says this in a sentence. */
  reason: z.string().optional(),
});
export type VersionPosture = z.infer<typeof versionPosture>;

/** This is where a version is, and what is known of it before any rule is asked. */
export type VersionFacts = Pick<VersionPosture, 'bucket' | 'key' | 'versionId' | 'size' | 'lastModified'>;

/** A version as it was found, with what to do about it. The report says that once for each reason, not for each version. */
export type FoundVersion = VersionPosture & { readonly remedy?: string };

/** This is what is said of it after that. */
export type Judgement = Pick<
  FoundVersion,
  'standing' | 'rule' | 'until' | 'wanted' | 'mode' | 'legalHold' | 'code' | 'reason' | 'remedy'
>;
