import * as z from 'zod';
import { sha256 } from '../audit/name.ts';
import { cloudNames } from '../platform/address.ts';
import { failure } from '../platform/errors.ts';
import { readForm } from '../platform/read-form.ts';

/*
 * A plan of disposition is a folder: plan.json says what it is about, and versions.jsonl has a line for each version that may go.
 * Nothing in Holdfast deletes: the plan says what somebody may delete, and why.
 */

const count = z.int().nonnegative();

/** The form of one version that may go. */
export const disposableVersion = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  /** In bytes. */
  size: count,
  lastModified: z.coerce.date(),
  /** The rule whose date was the latest of all that match. */
  rule: z.string(),
  /** The date of the rule, which is past. */
  until: z.coerce.date(),
  /** The end of the retention that was stored, which is past; absent where none was. */
  retainedUntil: z.coerce.date().optional(),
  /** Its tags, where a rule or a matter asked for them. */
  tags: z.record(z.string(), z.string()).optional(),
  why: z.string(),
});
export type DisposableVersion = z.infer<typeof disposableVersion>;

/** The parts of a plan of disposition that its hash is made of, in this order. */
export const dispositionPlanFields = {
  version: z.literal(1),
  madeAt: z.iso.datetime(),
  cloud: z.enum(cloudNames),
  region: z.string(),
  rulesHash: z.string(),
  /** The addresses that were looked through. */
  targets: z.array(z.string()),
  /** Those of them where every version may go. */
  whole: z.array(z.string()),
  versions: count,
  bytes: count,
  /** Versions that have to stay, by reason. */
  kept: z.record(z.string(), count),
  /** The hash of versions.jsonl, in hex. */
  list: z.string().regex(/^[0-9a-f]{64}$/),
};

const body = z.strictObject(dispositionPlanFields);
const whole = z.strictObject({
  format: z.literal('holdfast.disposition.plan/1'),
  ...dispositionPlanFields,
  hash: z.string(),
});

/** A plan of disposition without its list. */
export type DispositionPlan = z.infer<typeof body> & { readonly hash: string };

/** Adds the hash over everything else. */
export function finishDispositionPlan(given: z.infer<typeof body>): DispositionPlan {
  const ordered = body.parse(given);
  return { ...ordered, hash: hashOf(ordered) };
}

const hashOf = (value: z.infer<typeof body>): string => `sha256:${sha256(JSON.stringify(value))}`;

/** Returns the text of plan.json. */
export const dispositionPlanText = (plan: DispositionPlan): string =>
  `${JSON.stringify({ format: 'holdfast.disposition.plan/1', ...plan }, null, 2)}\n`;

/**
 * Reads plan.json.
 * @param file its name, for the error
 * @throws DISPOSITION_PLAN_INVALID when it has another form, or its hash is not its own
 */
export function parseDispositionPlan(text: string, file: string): DispositionPlan {
  const invalid = (reason: string, cause?: unknown) =>
    failure('DISPOSITION_PLAN_INVALID', { file, reason }, { cause });
  const { format: _format, hash, ...rest } = readForm(text, whole, invalid);
  if (hash !== hashOf(rest)) throw invalid('its hash does not fit: it was edited or cut off');
  return { ...rest, hash };
}
