import * as z from 'zod';
import { documentForm } from './form.ts';
import { countField, errorPart, errorShape, flagField, instantValue, textField, textList } from './parts.ts';

/** Why a function failed, as its platform tells it. */
const functionError = z.looseObject({ errorType: textField, errorMessage: textField });

/** The error that a function failed with, as a dead letter keeps it. */
const keptError = z.strictObject({ ...errorShape, code: textField });

const letter = {
  id: textField,
  name: textField.describe('the id, with more where two letters share one'),
  failedAt: instantValue,
  open: flagField,
  at: textField,
  versionId: textField.optional(),
  deleted: z.literal(true).optional(),
  marks: z.array(z.strictObject({ outcome: textField, at: instantValue })),
  function: textField.optional(),
  requestId: textField.optional(),
  attempts: countField.optional(),
  error: keptError.optional(),
  objects: z.array(z.looseObject({ bucket: textField, key: textField })).optional(),
  unreadable: errorPart.optional(),
};

/** The documents of the commands that run functions, or read what they have kept. */
export const eventForms = [
  documentForm(
    'holdfast.simulate/1',
    { rules: z.strictObject({ source: textField, hash: textField }), dryRun: flagField },
    {
      commands: ['simulate'],
      about: 'the first line; then the log lines of the function',
      lines: z.looseObject({ time: instantValue, level: textField, msg: textField }).describe('a log line'),
      isLine: true,
    },
  ),
  documentForm(
    'holdfast.simulate.ending/1',
    { result: z.unknown().optional(), error: functionError.optional() },
    { commands: ['simulate'], about: 'the last line: how the function ended', isLine: true },
  ),
  documentForm(
    'holdfast.invoke/1',
    {
      function: textField,
      requestId: textField.optional(),
      result: z.unknown().optional(),
      condition: textField.optional(),
      error: functionError.optional(),
      logs: textList,
    },
    { commands: ['invoke'], about: 'the answer of the function' },
  ),
  documentForm(
    'holdfast.invoke/1',
    { function: textField, taskId: textField.optional(), outcome: z.enum(['accepted', 'already-known']) },
    { commands: ['invoke'], about: 'with --async: whether the event was queued' },
  ),
  documentForm(
    'holdfast.redrive/1',
    { place: textField, open: countField, letters: z.array(z.strictObject(letter)) },
    { commands: ['redrive'], about: 'the dead letters' },
  ),
  documentForm(
    'holdfast.redrive/1',
    { ...letter, payload: textField },
    { commands: ['redrive'], about: '`redrive show`: one dead letter, with its event' },
  ),
  documentForm(
    'holdfast.redrive/1',
    {
      dryRun: flagField,
      open: countField,
      replays: z.array(
        z.strictObject({
          id: textField,
          name: textField,
          replayed: flagField,
          result: z.unknown().optional(),
          error: keptError.optional(),
        }),
      ),
    },
    { commands: ['redrive'], about: '`redrive replay`: what became of each' },
  ),
  documentForm(
    'holdfast.audit/1',
    {
      files: countField,
      records: countField,
      unnamed: countField.describe('ends of chains that no file names yet'),
      lastAnchor: textField.optional(),
      findings: z.array(z.strictObject({ fault: textField, file: textField, reason: textField })),
    },
    { commands: ['audit'], about: 'what `audit verify` found' },
  ),
];

/** A record of evidence says what its action has to say: docs/records.md has all its keys. */
const auditRecord = documentForm(
  'holdfast.audit.record/1',
  { time: instantValue, action: textField, by: textField, requestId: textField.optional(), file: textField },
  { commands: ['audit'], about: '`audit list`: one record of evidence a line', isLine: true },
);

export const recordForms = [{ ...auditRecord, schema: loosened(auditRecord.schema) }];

function loosened(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.loose() : schema;
}
