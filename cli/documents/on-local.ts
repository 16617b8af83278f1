import * as z from 'zod';
import { documentForm } from './form.ts';
import { cloudField, countField, errorPart, flagField, instantValue, textField, textList } from './parts.ts';

const functions = z.array(
  z.strictObject({
    name: textField,
    triggers: z.array(z.strictObject({ name: textField, type: textField })),
  }),
);

const bucket = z.strictObject({
  cloud: cloudField,
  name: textField,
  createdAt: instantValue,
  versioning: textField,
  objectWorm: flagField,
  defaultRetention: z.strictObject({ mode: textField, period: textField }).optional(),
  policy: z
    .strictObject({
      id: textField,
      state: textField,
      days: countField,
      createdAt: instantValue,
      hoursToLock: z.number().optional(),
    })
    .optional(),
});

const tags = z.record(z.string(), z.string());

const version = z.strictObject({
  kind: z.enum(['version', 'delete-marker']),
  key: textField,
  versionId: textField,
  isLatest: flagField,
  lastModified: instantValue,
  size: countField,
  tags,
  retention: z.strictObject({ mode: textField, until: instantValue }).optional(),
  legalHold: flagField,
  immutable: flagField,
});

const served = (what: string) => ({ commands: ['local'], about: what, isLine: true }) as const;

/** The lines that `holdfast local --json` prints while it runs. */
export const localLineForms = [
  documentForm(
    'holdfast.local.ready/1',
    {
      url: textField,
      region: textField,
      accessKeyId: textField,
      accessKeySecret: textField,
      time: instantValue,
      rules: textField.optional(),
      template: textField.optional(),
      functions,
      functionGraph: functions.optional(),
      roles: textList,
      agencies: textList,
      variables: z.record(z.string(), z.string()),
      obs: z.strictObject({ url: textField, region: textField }).optional(),
    },
    served('the first line: it listens'),
  ),
  documentForm(
    'holdfast.local.demo/1',
    {
      clouds: z.array(
        z.strictObject({
          cloud: cloudField,
          state: z.enum(['filled', 'already there']),
          buckets: countField.optional(),
          policies: countField.optional(),
          versions: countField.optional(),
        }),
      ),
    },
    served('with --demo: what it was filled with'),
  ),
  documentForm(
    'holdfast.local.uploaded/1',
    {
      url: textField,
      versionId: textField,
      retention: z.strictObject({ mode: textField, until: instantValue }).nullable(),
    },
    served('with --upload: what became of the object'),
  ),
  documentForm(
    'holdfast.local.invocation/1',
    {
      id: countField,
      cloud: cloudField,
      requestId: textField,
      function: textField,
      trigger: textField,
      event: z.unknown(),
      attempt: countField,
      status: z.enum(['running', 'succeeded', 'failed', 'retrying', 'dead']),
      startedAt: instantValue,
      finishedAt: instantValue.optional(),
      durationMs: z.number().optional(),
      error: z.looseObject({ errorType: textField, errorMessage: textField }).optional(),
      cold: flagField.optional(),
      result: textField.optional(),
      logs: textList,
    },
    served('one run of a function; not with --quiet'),
  ),
  documentForm(
    'holdfast.local.undelivered/1',
    {
      at: instantValue,
      kind: z.enum(['destination', 'trigger']),
      function: textField,
      target: textField,
      requestId: textField,
      code: textField,
      message: textField,
    },
    served('an event that got to no function'),
  ),
  documentForm(
    'holdfast.local.reloaded/1',
    { at: instantValue, files: textList },
    served('files that changed: in force from now on'),
  ),
  documentForm(
    'holdfast.local.not-reloaded/1',
    { files: textList, error: errorPart },
    served('files that changed and have a mistake: what was in force stays so'),
  ),
];

/** The documents of the commands that work on a running `holdfast local`. */
export const localObjectForms = [
  documentForm(
    'holdfast.local/1',
    { made: z.strictObject({ url: textField }) },
    { commands: ['local mb'], about: 'the bucket that was made' },
  ),
  documentForm(
    'holdfast.local/1',
    { uploaded: z.strictObject({ url: textField, versionId: textField.nullable(), size: countField, tags }) },
    { commands: ['local cp'], about: 'the object that was uploaded' },
  ),
  documentForm(
    'holdfast.local/1',
    { folder: z.strictObject({ url: textField, files: countField, size: countField, tags }) },
    { commands: ['local cp'], about: 'the folder that was uploaded' },
  ),
  documentForm(
    'holdfast.local/1',
    { downloaded: z.strictObject({ url: textField, file: textField, size: countField }) },
    { commands: ['local cp'], about: 'the file that was written' },
  ),
  documentForm(
    'holdfast.local/1',
    {
      downloadedFolder: z.strictObject({
        url: textField,
        folder: textField,
        files: countField,
        size: countField,
      }),
    },
    { commands: ['local cp'], about: 'the folder that was written' },
  ),
  documentForm(
    'holdfast.local/1',
    { buckets: z.array(bucket) },
    { commands: ['local ls'], about: 'the buckets' },
  ),
  documentForm(
    'holdfast.local/1',
    { url: textField, versions: z.array(version) },
    { commands: ['local ls'], about: 'the versions at an address' },
  ),
];
