import * as z from 'zod';
import { documentForm } from './form.ts';
import {
  approvalPart,
  byAction,
  cloudOfPlan,
  countField,
  failuresPart,
  flagField,
  instantValue,
  shortError,
  textField,
  textList,
} from './parts.ts';

const by = z.strictObject({ caller: textField, callerFrom: textField });
/** Shows what a matter matches. */
export const scopePart = z.strictObject({
  match: textList,
  tags: z.record(z.string(), z.string()).optional(),
  from: textField.optional(),
  until: textField.optional(),
});
const matter = z.strictObject({
  id: textField,
  state: z.enum(['open', 'released']),
  openings: z.array(
    z.strictObject({
      record: textField,
      at: instantValue,
      by,
      reason: textField,
      scope: scopePart,
      released: z.strictObject({ at: instantValue, by, reason: textField }).nullable(),
    }),
  ),
  passes: z.array(
    z.strictObject({
      kind: z.enum(['held', 'lifted']),
      at: instantValue,
      by,
      complete: flagField,
      counts: byAction,
      withHolds: textList
        .optional()
        .describe(
          'buckets that took holds; absent where none did or more than 1000, and in records of earlier versions',
        ),
      withoutHolds: textList.optional().describe('buckets that took no legal hold'),
      partlyHeld: textList.optional().describe('buckets that took holds of some versions, and then no more'),
      reason: textField.optional().describe('why the versions of a released matter were gone over again'),
    }),
  ),
});
const unreadable = z.array(
  z.strictObject({ id: textField, record: textField, mayHold: flagField, error: shortError }),
);

/** The documents of `holdfast hold`. */
export const holdForms = [
  documentForm(
    'holdfast.hold/1',
    { matters: z.array(matter), unreadable },
    { commands: ['hold list'], about: 'all matters' },
  ),
  documentForm(
    'holdfast.hold/1',
    { matter: matter.nullable(), unreadable },
    { commands: ['hold show'], about: 'one matter, with all that was done about it' },
  ),
  documentForm(
    'holdfast.hold/1',
    {
      matter: textField,
      dryRun: flagField,
      complete: flagField,
      interrupted: flagField,
      looked: countField,
      overCap: countField.describe('kept longer than limits.maxRetention after Last-Modified'),
      withoutHolds: textList.describe('buckets that take no legal hold'),
      buckets: textList,
      held: countField,
      lifted: countField,
      kept: countField,
      'off-already': countField,
      'off-written': countField,
      retained: countField,
      'not-held': countField,
      left: countField,
      'left-for-matters': countField,
      skipped: countField,
      gone: countField,
      'not-offered': countField,
      'not-asked': countField,
      failed: countField,
      deletableNow: countField,
      nextDeletable: instantValue.optional(),
      lastDeletable: instantValue.optional(),
      firstRetainedUntil: instantValue
        .optional()
        .describe('where retention keeps versions in place of a hold'),
      lastRetainedUntil: instantValue.optional(),
      failures: failuresPart,
      troubles: z.array(shortError.extend({ bucket: textField })),
      elsewhere: z.array(shortError),
      approval: approvalPart,
      cloud: cloudOfPlan,
      reason: textField
        .optional()
        .describe('why the matter is to be released, beside the act that is to be approved'),
      inventory: z
        .strictObject({
          url: textField,
          bucket: textField,
          takenAt: instantValue,
          ageHours: countField,
          enoughFrom: instantValue.optional().describe('an inventory from then on closes the gap'),
          isEnough: flagField.describe('false: what was uploaded between it and the opening is not held'),
        })
        .optional()
        .describe('the inventory that named the versions of its bucket'),
    },
    { commands: ['hold open', 'hold release'], about: 'what was held or released, by result' },
  ),
];
