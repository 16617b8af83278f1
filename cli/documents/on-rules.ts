import * as z from 'zod';
import { changeKinds } from '../../shared/diff/change.ts';
import { documentForm } from './form.ts';
import {
  byAction,
  cloudField,
  countField,
  errorPart,
  findingPart,
  flagField,
  instantValue,
  objectLockPart,
  plannedDefaultPart,
  retentionPart,
  ruleFailure,
  scheduleFields,
  textField,
  textList,
} from './parts.ts';

const placed = { file: textField, line: countField, col: countField, message: textField };

const checkedFile = {
  ok: flagField,
  file: textField,
  rules: z.strictObject({ objects: countField, buckets: countField, defaults: countField }).optional(),
  error: errorPart.optional(),
  mistakes: z.array(z.strictObject(placed)).optional(),
  warnings: z.array(z.strictObject({ ...placed, code: textField })).optional(),
  notes: textList.optional().describe('what was not checked, and why'),
};

const difference = z.strictObject({ field: textField, expected: textField, found: textField });

const foundDecision = z.strictObject({
  action: textField,
  rule: textField.optional(),
  others: textList,
  until: instantValue.optional(),
  warnings: textList,
  reason: textField,
  code: textList,
  days: countField.optional(),
  problem: textField.optional(),
});

const ruleVerdict = z.strictObject({
  rule: textField,
  matched: flagField,
  wins: flagField,
  until: instantValue.optional(),
  says: textField,
});

const objectDecision = z.strictObject({
  action: textField,
  rule: textField.optional(),
  others: textList.optional(),
  until: instantValue.optional(),
  previousUntil: instantValue.optional(),
  extended: z.strictObject({ generation: countField, base: instantValue }).optional(),
  heldOpen: z
    .strictObject({
      tag: textField.optional(),
      matter: textField.optional(),
      generation: countField,
      why: z.enum(['no-tag', 'unreadable', 'over-cap', 'matter']),
    })
    .optional()
    .describe('the event hold that keeps it until the date in the tag is there, or the open matter'),
  firm: instantValue
    .optional()
    .describe('what must be stored already, where `until` is the date of a generation that is only now due'),
  warnings: textList.optional(),
  problems: z.array(ruleFailure).optional(),
  why: textField.optional(),
  reason: textField.optional(),
});

const bucketDecision = z.strictObject({
  action: textField,
  reason: textField,
  id: textField.optional(),
  state: textField.optional(),
  days: countField.optional(),
  fromDays: countField.optional(),
  until: instantValue.optional(),
  deadline: instantValue.optional(),
  problem: textField.optional(),
});

const side = z.strictObject({
  source: textField,
  hash: textField,
  actions: byAction,
  rules: z.record(z.string(), byAction),
});

const sizes = { versions: countField, bytes: countField, unsized: countField };

/** The documents of the commands that work on rules. */
export const rulesForms = [
  documentForm(
    'holdfast.validate/1',
    { ...checkedFile, live: z.array(findingPart).optional() },
    {
      commands: ['validate'],
      about: 'what is wrong in one rules file, and in s.yaml beside it',
    },
  ),
  documentForm(
    'holdfast.validate/1',
    { ok: flagField, files: z.array(z.strictObject(checkedFile)) },
    { commands: ['validate'], about: 'the same of several files' },
  ),
  documentForm('holdfast.schedule/1', scheduleFields, {
    commands: ['schedule'],
    about: 'the retention schedule of the rules',
  }),
  documentForm(
    'holdfast.test/1',
    {
      ok: flagField,
      file: textField,
      rulesFile: textField,
      cases: z.array(
        z.strictObject({
          name: textField,
          line: countField,
          col: countField,
          ok: flagField,
          differences: z.array(difference),
          found: foundDecision,
          covers: textList,
          seconds: z.number(),
        }),
      ),
      rules: z.strictObject({ total: countField, uncovered: textList }),
    },
    { commands: ['test'], about: 'the test cases, with what was expected and found' },
  ),
  documentForm(
    'holdfast.explain/1',
    {
      cloud: cloudField,
      bucket: textField,
      key: textField,
      versionId: textField.optional(),
      lastModified: instantValue,
      tags: z.record(z.string(), z.string()),
      retention: retentionPart.optional(),
      legalHold: z.literal(true).optional(),
      objectLock: objectLockPart.nullable().describe('of the bucket; null: nobody looked'),
      matters: textList
        .nullable()
        .describe('the open matters that hold it; null: nobody looked, or they could not be read'),
      mattersUnknown: errorPart.nullable().describe('why they could not be read'),
      rules: z.array(ruleVerdict),
      decision: objectDecision,
      explanation: textField,
      write: z.strictObject({ mode: z.literal('COMPLIANCE'), retainUntil: instantValue }).nullable(),
      errors: z.array(errorPart),
    },
    { commands: ['explain'], about: 'an object, the rules that match it, and the decision' },
  ),
  documentForm(
    'holdfast.explain/1',
    {
      cloud: cloudField,
      bucket: textField,
      rule: textField.nullable(),
      rules: z.array(z.strictObject({ rule: textField, matched: flagField, says: textField })),
      objectRules: textList,
      policy: z
        .strictObject({
          id: textField.optional(),
          state: textField,
          days: countField,
          createdAt: instantValue,
          lockDeadline: instantValue.optional(),
          hoursLeft: z.number().optional(),
          end: instantValue.optional(),
          daysLeft: z.number().optional(),
        })
        .nullish(),
      defaultRetention: plannedDefaultPart.optional().describe('where a rule under defaults asks for one'),
      oldest: z
        .strictObject({
          kind: textField,
          lastModified: instantValue.optional(),
          reason: textField.optional(),
        })
        .optional(),
      decision: bucketDecision.optional(),
      next: z
        .strictObject({
          action: textField.optional(),
          at: instantValue.optional(),
          irreversible: flagField.optional(),
          says: textField,
        })
        .nullish(),
      needsApproval: z
        .enum(['lock', 'extend'])
        .nullish()
        .describe('what comes next and somebody else has to approve'),
      errors: z.array(errorPart).optional(),
    },
    { commands: ['explain'], about: 'a bucket, its policy, the decision, and what comes next' },
  ),
  documentForm(
    'holdfast.diff/1',
    {
      at: instantValue,
      versionsFrom: textField,
      ...sizes,
      gone: countField,
      before: side,
      after: side,
      changes: z.array(
        z.strictObject({
          kind: z.enum(changeKinds),
          bucket: textField,
          rule: textField,
          ...sizes,
          byteDays: z.number(),
          mostDays: z.number(),
          latest: instantValue.optional(),
          examples: z.array(
            z.strictObject({
              key: textField,
              versionId: textField.optional(),
              heldBefore: instantValue.optional(),
              heldAfter: instantValue.optional(),
              reason: textField.optional(),
            }),
          ),
          cost: z.number().optional(),
        }),
      ),
      cost: z
        .strictObject({ currency: textField, more: z.number(), less: z.number(), stays: z.number() })
        .optional(),
    },
    { commands: ['diff'], about: 'what a change of rules means for what is stored' },
  ),
  documentForm(
    'holdfast.schema/1',
    {
      key: textField,
      meaning: textField,
      value: textList,
      keys: z.array(
        z.strictObject({ key: textField, required: flagField, value: textField, meaning: textField }),
      ),
      example: textField,
    },
    { commands: ['schema'], about: 'a key of the rules file, with an example' },
  ),
];
