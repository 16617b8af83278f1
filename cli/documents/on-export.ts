import * as z from 'zod';
import { documentForm } from './form.ts';
import {
  cloudField,
  countField,
  instantValue,
  regionPart,
  shortError,
  textField,
  textList,
} from './parts.ts';

/** The fields of summary.json, and of what `holdfast export` prints. */
const summary = {
  versions: countField,
  bytes: countField,
  decisions: countField,
  findings: countField.describe('what is wrong with the evidence, in findings.csv'),
  unread: z
    .array(shortError.extend({ bucket: textField, remedy: textField.optional() }))
    .describe('buckets that could not be read to their end'),
  gone: countField.describe('versions that went while they were looked at'),
  later: countField.describe('versions that were uploaded after the export was begun, and are not in it'),
  since: z
    .array(
      z.strictObject({ bucket: textField, change: z.enum(['new', 'gone', 'unreadable']), reason: textField }),
    )
    .describe('buckets that were not as they were any more when the export was gone on with'),
  from: instantValue.optional(),
  until: instantValue.optional().describe('the end of the period, which is not in it'),
  madeAt: instantValue.describe('the instant that it is about: when the export was begun'),
  finishedAt: instantValue,
  holdfast: textField,
  callers: textList.describe('the access keys that were used'),
  cloud: cloudField,
  region: textField,
  regions: z.array(regionPart).optional().describe('with --all-regions'),
  rules: textList,
  buckets: textList,
  standings: z.record(textField, countField).describe('versions by their standing, as in holdfast report'),
  matters: textList,
  approvals: textList.describe('the approvals in the pack, by their files'),
  plans: textList.describe('the hashes of plans of disposition by which versions have gone'),
  plansWithoutBeginning: textList.describe(
    'plans of these of which the evidence that was read has no first step',
  ),
  evidence: z.strictObject({
    folder: textField,
    from: instantValue.optional().describe('the day from which it was read; absent: from the first on'),
    files: countField,
    records: countField,
    kept: countField.describe('files that are in the pack'),
    unnamed: countField.describe('ends of chains that no file names yet'),
    lastAnchor: textField.optional(),
  }),
  rulesFingerprint: textField.describe('of the rules of today'),
  rulesWithoutText: textList.describe('fingerprints that the evidence names, and has no text of'),
};

/** The document of `holdfast export`. */
export const exportForms = [
  documentForm(
    'holdfast.export/1',
    {
      folder: textField,
      sums: textField.describe('the SHA-256 of SHA256SUMS, in hex'),
      files: countField.describe('those with a sum'),
      ...summary,
    },
    { commands: ['export'], about: 'what is in a pack for an examiner, and whether its evidence is whole' },
  ),
];
