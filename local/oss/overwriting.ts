import * as z from 'zod';
import { matches } from '../../shared/ram/wildcard.ts';
import { readXml } from './read-xml.ts';
import type { Bucket } from './state.ts';

const affix = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= 1023)
  .optional();
const overwriteDocument = z.strictObject({
  OverwriteConfiguration: z.strictObject({
    Rule: z
      .array(
        z.strictObject({
          ID: z.string().optional(),
          Action: z.literal('forbid'),
          Prefix: affix,
          Suffix: affix,
          Principals: z
            .strictObject({ Principal: z.array(z.string()) })
            .or(z.literal(''))
            .optional(),
        }),
      )
      .min(1)
      .max(100),
  }),
});

/** A rule that forbids to overwrite objects, as its document has it. */
export type OverwriteRule = z.infer<typeof overwriteDocument>['OverwriteConfiguration']['Rule'][number];

/** @throws MalformedXML */
export function readOverwriteRules(document: string): OverwriteRule[] {
  return readXml(Buffer.from(document), overwriteDocument, ['Rule', 'Principal']).OverwriteConfiguration.Rule;
}

/**
 * Tells whether a rule of PutBucketOverwriteConfig keeps a sender from overwriting a key (documented: all that the rule
 * names has to fit, and an asterisk is a wildcard among the principals only).
 * @param names what the sender is called in policies; a stranger has no name
 */
export function forbidsOverwriting(
  { configurations }: Bucket,
  key: string,
  names: readonly string[],
): boolean {
  const document = configurations?.['overwriteConfig'];
  if (document === undefined) return false;
  return readOverwriteRules(document).some(
    ({ Prefix = '', Suffix = '', Principals = '' }) =>
      key.startsWith(Prefix) && key.endsWith(Suffix) && isFor(Principals, names),
  );
}

/** A rule without principals is for everybody. */
function isFor(
  principals: Exclude<OverwriteRule['Principals'], undefined>,
  names: readonly string[],
): boolean {
  if (principals === '') return true;
  return principals.Principal.some(
    (pattern) => pattern === '*' || names.some((name) => matches(pattern, name)),
  );
}
