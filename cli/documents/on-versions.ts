import * as z from 'zod';
import { shardRange } from '../../shared/fan-out/task.ts';
import { documentForm } from './form.ts';
import {
  approvalPart,
  byAction,
  cloudField,
  cloudOfPlan,
  countField,
  failuresPart,
  flagField,
  instantValue,
  retentionPart,
  textField,
  textList,
} from './parts.ts';

const object = { bucket: textField, key: textField, versionId: textField };

/** The documents of `holdfast retention` and `holdfast protect`. */
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
      failures: failuresPart,
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
];
