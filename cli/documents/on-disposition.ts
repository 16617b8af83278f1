import * as z from 'zod';
import { dispositionPlanFields } from '../../shared/disposition/plan.ts';
import { documentForm } from './form.ts';
import { countField, flagField, instantValue, shortError, textField, textList } from './parts.ts';

const sum = z.strictObject({ versions: countField, bytes: countField });

/** The documents of `holdfast disposition`. */
export const dispositionForms = [
  documentForm(
    'holdfast.disposition/1',
    {
      folder: textField,
      ...dispositionPlanFields,
      hash: textField,
      troubles: z.array(shortError.extend({ bucket: textField, remedy: textField.optional() })),
    },
    { commands: ['disposition plan'], about: 'how many versions may go, and what stays because of what' },
  ),
  documentForm(
    'holdfast.disposition/1',
    {
      folder: textField,
      plan: textField,
      until: instantValue,
      reason: textField,
      versions: countField,
      bytes: countField,
      script: textField.describe('the SHA-256 of delete.sh, in hex'),
      approvedBy: textField,
      files: textList.describe('the lists to delete with'),
    },
    { commands: ['disposition approve'], about: 'what was approved, and until when' },
  ),
  documentForm(
    'holdfast.disposition/1',
    {
      folder: textField,
      plan: textField,
      gone: sum,
      there: sum,
      late: flagField.describe('the approval had ended when this was looked at'),
      touched: z.array(
        z.strictObject({
          bucket: textField,
          key: textField,
          versionId: textField,
          state: z.enum(['gone', 'there']),
          touched: textList.optional(),
        }),
      ),
      touchedVersions: countField,
      script: z.enum(['approved', 'changed', 'missing']).describe('what delete.sh is now'),
      certificate: textField,
    },
    {
      commands: ['disposition certify'],
      about: 'what is gone, and what has touched the rest since the plan',
    },
  ),
];
