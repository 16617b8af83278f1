import * as z from 'zod';
import type { Answers } from './answers.ts';

/** A RAM policy as the files in ram/ have it: permissions with resources, or the trust of a role without. */
const policyFile = z.strictObject({
  Version: z.string(),
  Statement: z.array(
    z.strictObject({
      Effect: z.string(),
      Action: z.union([z.string(), z.array(z.string())]),
      Principal: z.unknown().optional(),
      Resource: z.array(z.string()).optional(),
    }),
  ),
});

/**
 * A policy of ram/ for the buckets of the answers: what stands there for the example's buckets stands for these.
 * A statement about buckets that there are none of is left out. The account is `*`: bucket names are unique in OSS, and
 * a role reaches nothing but its own account.
 * @param shipped the text of the file that ships
 * @returns the text of the file, or undefined when nothing is left of it
 */
export function ramText(shipped: string, answers: Answers): string | undefined {
  const { Version, Statement } = policyFile.parse(JSON.parse(shipped));
  const kept = Statement.flatMap((statement) => {
    if (statement.Resource === undefined) return [statement];
    const Resource = statement.Resource.flatMap((resource) => resourcesFor(resource, answers));
    return Resource.length === 0 ? [] : [{ ...statement, Resource }];
  });
  return kept.length === 0 ? undefined : `${JSON.stringify({ Version, Statement: kept }, null, 2)}\n`;
}

function resourcesFor(resource: string, answers: Answers): string[] {
  const here = resource.replace('ACCOUNT', '*').replace('REGION', answers.region);
  const [, head = '', bucket = '', rest = ''] = /^(acs:oss:\*:\*:)([^/]+)(.*)$/.exec(here) ?? [];
  const names = bucketsFor(bucket, answers);
  if (names === undefined) return [here];
  if (bucket !== shippedLetters) return names.map((name) => `${head}${name}${rest}`);
  const path = rest.replace(shippedPrefix, answers.deadLetters.prefix);
  return [`${head}${answers.deadLetters.bucket}${path}`];
}

const shippedLetters = 'holdfast-dead-letters';
const shippedPrefix = 'dead-letters/';

/** The buckets that a name in the files that ship stands for; undefined: it stands for itself. */
function bucketsFor(name: string, answers: Answers): readonly string[] | undefined {
  switch (name) {
    case 'BUCKET':
      return answers.objectBuckets;
    case 'archive-*':
      return answers.archiveBuckets;
    case 'backup-*':
      return []; // the example whose policies Holdfast initiates; those of `init` are initiated by people
    case 'INVENTORY':
      return answers.inventoryBucket === undefined ? [] : [answers.inventoryBucket];
    case shippedLetters:
      return [answers.deadLetters.bucket];
    default:
      return undefined;
  }
}
