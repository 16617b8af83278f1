import * as z from 'zod';
import { approvalSubject } from '../../shared/approvals/record.ts';
import { policyPlan, policyPlanTrouble } from '../../shared/buckets/plan.ts';
import { documentForm } from './form.ts';
import { scopePart } from './on-holds.ts';
import {
  approvalPart,
  countField,
  errorPart,
  flagField,
  instantValue,
  plannedDefaultPart,
  policyPart,
  regionPart,
  textField,
  textList,
} from './parts.ts';

/** A policy as a change reads it back. */
const readBackPolicy = z.strictObject({
  id: textField,
  state: textField,
  days: countField,
  createdAt: instantValue,
});

const plannedMattersPart = z
  .strictObject({
    open: z.array(
      z.strictObject({
        id: textField,
        openedAt: instantValue,
        reasons: textList.describe('of each person who has opened it, as `scopes` are'),
        scopes: z.array(scopePart),
        held: countField.optional(),
        retained: countField.optional(),
        overCap: countField.optional(),
        complete: flagField,
      }),
    ),
    unknown: z.array(errorPart),
  })
  .describe('what open matters hold, where the rules have a folder for evidence');

/** The documents of the commands that work on WORM policies of buckets. */
export const policyForms = [
  documentForm(
    'holdfast.plan/1',
    {
      ...policyPlan.shape,
      matters: plannedMattersPart.optional(),
      approvals: z
        .array(
          z.strictObject({
            subject: approvalSubject,
            approved: flagField,
            approvedBy: textField.optional(),
            until: instantValue.optional(),
          }),
        )
        .optional()
        .describe('acts that the rules ask an approval for'),
      approvalsUnknown: errorPart
        .optional()
        .describe('why nobody knows what is approved; then none of `approvals` is'),
      defaults: z
        .strictObject({
          buckets: z.array(plannedDefaultPart),
          errors: z.array(z.strictObject({ bucket: textField, error: errorPart })),
        })
        .optional()
        .describe('the default retention of buckets, where the rules ask for one'),
      regions: z.array(regionPart).optional(),
    },
    {
      commands: ['plan'],
      about: 'what would be done about bucket policies, as `apply` takes it',
    },
  ),
  documentForm(
    'holdfast.apply/1',
    {
      planHash: textField,
      results: z.array(
        z.strictObject({
          bucket: textField,
          rule: textField,
          action: textField,
          ok: flagField,
          error: errorPart.optional(),
          sent: flagField.optional(),
          requestId: textField.optional(),
          policy: readBackPolicy.optional(),
          note: textField.optional(),
        }),
      ),
      troubles: z.array(policyPlanTrouble),
    },
    { commands: ['apply'], about: 'what was done about each bucket, and read back' },
  ),
  documentForm(
    'holdfast.approve/1',
    {
      plan: textField.describe('the hash of the acts'),
      until: instantValue,
      approvedBy: textField,
      subjects: z.array(approvalSubject),
      note: textField.optional(),
      approval: z.strictObject({ bucket: textField, key: textField }),
    },
    { commands: ['approve'], about: 'what was approved, until when, and where that is kept' },
  ),
  documentForm(
    'holdfast.policy/1',
    { bucket: textField, policy: policyPart.nullable() },
    { commands: ['policy get'], about: 'the policy of a bucket' },
  ),
  documentForm(
    'holdfast.policy/1',
    {
      bucket: textField,
      action: textField,
      changed: flagField,
      sent: flagField.optional(),
      requestId: textField.optional(),
      note: textField.optional(),
      policy: policyPart.nullish(),
      approval: approvalPart,
    },
    {
      commands: ['policy initiate', 'policy lock', 'policy extend', 'policy abort'],
      about: 'what was changed, and the policy as it was read back',
    },
  ),
];
