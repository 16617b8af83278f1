import * as z from 'zod';
import { approvalSubject } from '../../shared/approvals/record.ts';
import { cloudNames } from '../../shared/platform/address.ts';

/** An instant: ISO 8601 in UTC. */
export const instantValue = z.iso.datetime().describe('ISO 8601, UTC');

export const textField = z.string();
export const textList = z.array(z.string());
export const countField = z.int().nonnegative();
export const flagField = z.boolean();
export const cloudField = z.enum(cloudNames);

/** An error: its code is in docs/errors-a-i.md and docs/errors-j-z.md. */
export const errorShape = {
  code: z.string().regex(/^[A-Z_0-9]+$/),
  message: textField,
  remedy: textField.describe('what to do'),
};
export const errorPart = z.strictObject(errorShape);

/** An error where a list tells what went wrong with one thing, without the remedy. */
export const shortError = z.strictObject({ code: textField, message: textField });

/** A finding of the doctor about one thing. */
export const findingPart = z.strictObject({
  check: textField,
  about: textField,
  status: z.enum(['ok', 'warning', 'failure', 'not-checked']),
  message: textField,
  mend: textField.optional(),
  code: textField.optional(),
  region: textField.optional().describe('with --all-regions'),
});

/** One of several regions that a run looked at. */
export const regionPart = z.strictObject({
  region: textField,
  buckets: textList.describe('those that rules match'),
  error: errorPart.nullable().describe('why nothing could be read there'),
});

/** Versions by action, such as `protected`. */
export const byAction = z.record(z.string(), countField);

export const retentionPart = z.strictObject({
  mode: z.enum(['COMPLIANCE', 'GOVERNANCE']),
  until: instantValue,
});

/** Object lock of a bucket: ObjectWorm on OSS, WORM on OBS. */
export const objectLockPart = z.strictObject({
  state: z.enum(['on', 'off', 'unknown']),
  defaultRetention: z
    .strictObject({
      mode: z.enum(['COMPLIANCE', 'GOVERNANCE']),
      days: countField.optional(),
      years: countField.optional(),
    })
    .optional()
    .describe('what each upload gets by itself'),
  error: errorPart.optional().describe('why it is not known'),
});

/** The default retention of a bucket, and what the timer will do about it. */
export const plannedDefaultPart = z.strictObject({
  bucket: textField,
  rule: textField,
  action: z.enum(['set-default', 'default-in-place', 'report']),
  problem: textField.optional(),
  defaultRetention: textField.optional(),
  previousDefault: textField.optional(),
  reason: textField,
});

/** A rule that matches and cannot be followed. */
export const ruleFailure = z.strictObject({
  code: textField,
  rule: textField,
  tag: textField.optional(),
  value: textField.optional(),
  expected: textField.optional(),
  until: instantValue.optional(),
  limit: textField.optional(),
});

/** The state of a WORM policy, with what follows from it. */
export const policyFields = {
  id: textField,
  state: textField,
  days: countField,
  createdAt: instantValue,
  lockDeadline: instantValue.optional().describe('when a policy that is not locked lapses'),
  hoursLeft: z.number().optional().describe('until the lock deadline; negative when it has passed'),
  end: instantValue.optional().describe('when objects as old as a locked policy become deletable'),
  daysLeft: z.number().optional(),
};
export const policyPart = z.strictObject(policyFields);

/** The rules as a retention schedule. */
export const scheduleFields = {
  cap: textField,
  rows: z.array(
    z.strictObject({
      rule: textField,
      kind: z.enum(['objects', 'bucket', 'default']),
      records: textField,
      period: textField,
      start: textField,
      because: textField,
      owner: textField,
      review: textField,
    }),
  ),
};

export const rulesPart = z.strictObject({
  source: textField,
  hash: textField,
  schedule: z.strictObject(scheduleFields),
});

/** The act of a dry run that the rules ask an approval for, as `holdfast approve` takes it. */
export const approvalPart = approvalSubject
  .optional()
  .describe('with --dry-run: what has to be approved, where the rules ask for that');

/** The cloud of that act, so that nobody approves it in the evidence of another. */
export const cloudOfPlan = cloudField.optional().describe('beside approval: the cloud of the act');

/** Versions that failed, by the code of the error. */
export const failuresPart = z.array(
  z.strictObject({
    code: textField,
    count: countField,
    example: textField,
    reason: textField.optional(),
    remedy: textField,
  }),
);
