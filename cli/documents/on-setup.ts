import * as z from 'zod';
import { documentForm } from './form.ts';
import { countField, errorPart, findingPart, flagField, textField, textList } from './parts.ts';

const feature = z.enum(['versioning', 'WORM']);

/** The documents of the commands that set a deployment up, and of those about Holdfast itself. */
export const setupForms = [
  documentForm(
    'holdfast.init/1',
    { dir: textField, files: textList, next: textList, deploy: textList },
    { commands: ['init'], about: 'the files that were written, and the commands that come next' },
  ),
  documentForm(
    'holdfast.bundle/1',
    { codes: textList, rulesFile: textField },
    { commands: ['bundle'], about: 'the folders that were written' },
  ),
  documentForm(
    'holdfast.setup/1',
    { kind: z.enum(['sh', 'ros']), text: textField },
    { commands: ['setup'], about: 'the script, or the template' },
  ),
  documentForm(
    'holdfast.setup/1',
    {
      buckets: z.array(z.strictObject({ bucket: textField, on: z.record(feature, flagField) })),
      results: z.array(
        z.strictObject({
          bucket: textField,
          feature,
          state: z.enum(['done', 'dry run', 'failed', 'not tried']),
          error: errorPart.optional(),
        }),
      ),
      missing: textList,
    },
    { commands: ['setup'], about: 'with --cloud obs: what was turned on' },
  ),
  documentForm(
    'holdfast.doctor/1',
    {
      ok: flagField,
      counts: z.strictObject({
        ok: countField,
        warning: countField,
        failure: countField,
        'not-checked': countField,
      }),
      findings: z.array(findingPart),
    },
    { commands: ['doctor'], about: 'what was checked, and what fixes it' },
  ),
  documentForm(
    'holdfast.completion/1',
    { shell: z.enum(['bash', 'zsh', 'fish']), text: textField },
    { commands: ['completion'], about: 'the script for a shell' },
  ),
  documentForm('holdfast.version/1', { version: textField }, { commands: ['version'], about: 'the version' }),
];
