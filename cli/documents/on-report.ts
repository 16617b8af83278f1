import * as z from 'zod';
import { standings } from '../../shared/report/standings.ts';
import { totals } from '../../shared/report/totals.ts';
import { unreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import { documentForm } from './form.ts';
import {
  cloudField,
  countField,
  flagField,
  instantValue,
  regionPart,
  retentionPart,
  rulesPart,
  textField,
  textList,
} from './parts.ts';

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
const postureFields = {
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

/** The documents of `holdfast report`. */
export const reportForms = [
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
