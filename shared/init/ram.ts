import * as z from 'zod';
import { capStatement } from '../ram/retention-cap.ts';
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
      Condition: z
        .record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())])))
        .optional(),
    }),
  ),
});

/**
 * Returns a policy of ram/ for the buckets of the answers: what stands there for the example's buckets stands for
 * these. A statement about buckets that there are none of is left out. The denial of retention beyond the cap has the
 * cap of the answers. The account is `*`: bucket names are unique in OSS, and a role reaches nothing but its own
 * account.
 * @param shipped the text of the file that ships
 * @param more statements that the file has beside those
 * @returns the text of the file, or undefined when nothing is left of it
 */
export function ramText(shipped: string, answers: Answers, more: readonly object[] = []): string | undefined {
  const { Version, Statement } = policyFile.parse(JSON.parse(shipped));
  const kept = Statement.flatMap((statement): readonly unknown[] => {
    if (statement.Resource === undefined) return [statement];
    if (statement.Effect === 'Deny') return [];
    const Resource = statement.Resource.flatMap((resource) => resourcesFor(resource, answers));
    if (Resource.length === 0) return [];
    return [{ ...statement, Resource, ...conditionFor(statement.Condition, answers) }];
  });
  if (kept.length === 0) return undefined;
  const denials = Statement.some(({ Effect }) => Effect === 'Deny') ? [capStatement(answers.max)] : [];
  return `${JSON.stringify({ Version, Statement: [...kept, ...more, ...denials] }, null, 2)}\n`;
}

function resourcesFor(resource: string, answers: Answers): string[] {
  const here = resource.replaceAll('ACCOUNT', '*').replace('REGION', answers.region);
  const [, head = '', bucket = '', rest = ''] = /^(acs:oss:\*:\*:)([^/]+)(.*)$/.exec(here) ?? [];
  const names = bucketsFor(bucket, answers);
  if (names === undefined) return [here];
  if (bucket !== shippedLetters) return names.map((name) => `${head}${name}${rest}`);
  const path = rest.replace(shippedPrefix, answers.deadLetters.prefix);
  return [`${head}${answers.deadLetters.bucket}${path}`];
}

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** The prefixes that a list is restricted to lie in the folder of the dead letters. */
function conditionFor(shipped: Condition | undefined, { deadLetters }: Answers): { Condition?: Condition } {
  const prefixes = shipped?.['StringLike']?.['oss:Prefix'];
  if (prefixes === undefined) return {};
  const here = [prefixes].flat().map((prefix) => prefix.replace(shippedPrefix, deadLetters.prefix));
  return { Condition: { StringLike: { 'oss:Prefix': here } } };
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
