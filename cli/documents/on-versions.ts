import * as z from 'zod';
import { shardRange } from '../../shared/fan-out/task.ts';
import { standings } from '../../shared/report/standings.ts';
import { totals } from '../../shared/report/totals.ts';
import { unreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import { documentForm } from './form.ts';
import {
  approvalPart,
  byAction,
  cloudField,
  cloudOfPlan,
  countField,
  flagField,
  instantValue,
  regionPart,
  retentionPart,
  rulesPart,
  shortError,
  textField,
  textList,
} from './parts.ts';

const object = { bucket: textField, key: textField, versionId: textField };

const failures = z.array(
  z.strictObject({
    code: textField,
    count: countField,
    example: textField,
    reason: textField.optional(),
    remedy: textField,
  }),
);

const unknown = z.strictObject({ unknown: textField.describe('why it is not known') });

const upkeep = z.strictObject({
  place: textField.optional(),
  deadLetters: z.union([z.strictObject({ open: countField, oldest: instantValue.optional() }), unknown]),
  repairs: z.union([
    z.array(
      z.strictObject({
        bucket: textField,
        completedAt: instantValue.optional(),
        versions: countField.optional(),
        changed: countField.optional(),
        failed: countField.optional(),
        unknown: textField.optional(),
      }),
    ),
    unknown,
  ]),
});

/** One version in `report --format jsonl`. */
const versionLine = z
  .strictObject({
    standing: z.enum(standings),
    bucket: textField,
    key: textField,
    versionId: textField.optional(),
    rule: textField.optional(),
    until: instantValue.optional(),
    wanted: instantValue.optional().describe('until when the rules ask to hold it'),
    mode: retentionPart.shape.mode.optional(),
    legalHold: z.literal(true).optional(),
    size: countField.optional(),
    lastModified: instantValue.optional(),
    code: textField.optional(),
    reason: textField.optional(),
  })
  .describe('a version');

const about = {
  at: instantValue,
  region: textField,
  targets: textList,
  source: textField,
  read: flagField.describe('false: dates are what the rules give'),
  rules: rulesPart,
};

/** The whole posture but the versions. */
export const postureFields = {
  version: z.literal(1),
  cloud: cloudField,
  account: textField.optional(),
  madeBy: z.strictObject({ holdfast: textField, caller: textField, callerFrom: textField }),
  ...about,
  regions: z.array(regionPart).optional().describe('with --all-regions'),
  verdict: z.enum(['protected', 'not-protected', 'incomplete', 'not-read']),
  versions: z.strictObject({ versions: countField, bytes: countField, unsized: countField }),
  ...totals.shape,
  policies: z.array(
    z.strictObject({
      bucket: textField,
      rule: textField,
      state: textField,
      days: countField.optional(),
      lockDeadline: instantValue.optional(),
      hoursLeft: z.number().optional(),
      end: instantValue.optional(),
      action: textField,
      reason: textField,
      holds: flagField,
    }),
  ),
  troubles: z.array(unreadableBucket),
  upkeep,
  requests: countField,
};

/** The documents of the commands that work on versions of objects. */
export const versionForms = [
  documentForm(
    'holdfast.retention/1',
    {
      cloud: cloudField,
      ...object,
      type: textField,
      lastModified: instantValue,
      retention: retentionPart.nullable(),
      legalHold: flagField,
    },
    { commands: ['retention get'], about: 'the retention of a version' },
  ),
  documentForm(
    'holdfast.retention/1',
    {
      cloud: cloudField,
      ...object,
      action: textField,
      changed: flagField,
      sent: flagField.optional(),
      until: instantValue.optional(),
      requestId: textField.optional(),
      retention: retentionPart.optional().describe('as it was read back'),
      approval: approvalPart,
    },
    { commands: ['retention put'], about: 'what was written, and read back' },
  ),
  documentForm(
    'holdfast.protect/1',
    {
      dryRun: flagField,
      versions: countField,
      changed: countField,
      failed: countField,
      failures,
      gone: countField,
      unseen: countField,
      readBack: countField,
      actions: byAction,
      rules: z.record(z.string(), byAction),
      requests: countField,
      elapsedMs: z.number(),
      peakMemoryMb: countField,
      report: z.strictObject({ lines: textField, table: textField, stored: textList }),
      shards: z
        .strictObject({
          total: countField,
          failed: z.array(
            z.strictObject({
              number: countField,
              status: textField,
              reason: textField,
              range: shardRange.optional(),
            }),
          ),
        })
        .optional(),
      approval: approvalPart,
      cloud: cloudOfPlan,
      bytes: countField.optional().describe('the size of the versions that are to be approved'),
      unsized: countField.optional().describe('versions of them that have no known size'),
      leftOfApproved: z
        .strictObject({
          kept: countField.describe('kept as long by something else, or by no rule any more'),
          unread: countField.describe('could not be looked at when they were counted'),
          gone: countField,
        })
        .optional()
        .describe('versions that were approved and are not written any more'),
    },
    { commands: ['protect'], about: 'versions by action and rule, and what failed' },
  ),
  documentForm(
    'holdfast.protect/1',
    { tasks: countField, url: textField },
    { commands: ['protect'], about: 'with --plan-only: where the tasks are' },
  ),
  documentForm('holdfast.report/1', postureFields, {
    commands: ['report'],
    about: 'the posture but the versions, see [report.md](report.md)',
  }),
  documentForm('holdfast.report.versions/1', about, {
    commands: ['report'],
    about: '`--format jsonl`: the first line; then one version a line',
    lines: versionLine,
    isLine: true,
  }),
];

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
      failures,
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
