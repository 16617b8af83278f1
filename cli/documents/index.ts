import * as z from 'zod';
import { errorFormat } from '../../shared/terminal/document.ts';
import { type DocumentForm, documentForm } from './form.ts';
import { dispositionForms } from './on-disposition.ts';
import { eventForms, recordForms } from './on-events.ts';
import { exportForms } from './on-export.ts';
import { holdForms } from './on-holds.ts';
import { localLineForms, localObjectForms } from './on-local.ts';
import { policyForms } from './on-policies.ts';
import { reportForms } from './on-report.ts';
import { rulesForms } from './on-rules.ts';
import { setupForms } from './on-setup.ts';
import { versionForms } from './on-versions.ts';
import { errorPart } from './parts.ts';

/** Every kind of document that `holdfast` prints with --json, errors first. */
export const documentForms: readonly DocumentForm[] = [
  documentForm(errorFormat, { error: errorPart }, { commands: [], about: 'what went wrong, and what to do' }),
  ...rulesForms,
  ...policyForms,
  ...versionForms,
  ...reportForms,
  ...holdForms,
  ...dispositionForms,
  ...exportForms,
  ...eventForms,
  ...recordForms,
  ...setupForms,
  ...localObjectForms,
  ...localLineForms,
];

/**
 * Returns the JSON Schema of everything that `holdfast` prints with --json, one definition a format. Further fields are allowed,
 * as new ones may come.
 */
export function outputJsonSchema(): string {
  const formats = [...new Set(documentForms.map(({ format }) => format))];
  const $defs = Object.fromEntries(formats.map((format) => [nameOf(format), schemaOf(format)]));
  return `${JSON.stringify(
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Documents of holdfast --json',
      anyOf: formats.map((format) => ({ $ref: `#/$defs/${nameOf(format)}` })),
      $defs,
    },
    null,
    2,
  )}\n`;
}

/** `holdfast.plan/1` is named `holdfast.plan.v1`: a slash would have to be escaped in references. */
const nameOf = (format: string): string => format.replace('/', '.v');

function schemaOf(format: string): unknown {
  const forms = documentForms
    .filter((form) => form.format === format)
    .map(({ schema }) => jsonSchemaOf(schema));
  const [only, ...more] = forms;
  return more.length === 0 ? only : { anyOf: forms };
}

function jsonSchemaOf(schema: z.ZodType): unknown {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // Both say no more than `integer` and `date-time` do, at length.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return rest;
}
