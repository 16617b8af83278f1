import { formatAddress } from '../platform/address.ts';
import type { Duration } from '../rules/types.ts';
import type { Answers } from './answers.ts';
import { policyDays } from './policy-days.ts';
import { inline } from './yaml-text.ts';

/** The names of the rules, for those who refer to them. */
export const objectRuleName = 'records';
export const bucketRuleName = 'archive';
const defaultRuleName = 'from-the-first-instant';

/** These are the words of a rules file that differ by cloud. */
export interface RulesWords {
  /** Tells which buckets take retention of single versions. */
  readonly lockedBuckets: string;
  /** Tells what else a new bucket needs. */
  readonly newBucket: string;
}

export const ossRulesWords: RulesWords = {
  lockedBuckets: 'buckets with ObjectWorm',
  newBucket: 'a trigger in s.yaml and its name in ram/object-created.json',
};

export const obsRulesWords: RulesWords = {
  lockedBuckets: 'buckets with WORM on',
  newBucket: 'a trigger and its name in the policies of main.tf.json',
};

/** Returns a rules file that does what was answered. */
export function rulesText(answers: Answers, words: RulesWords): string {
  const { cloud, max, deadLetters, audit, objectBuckets, archiveBuckets } = answers;
  return [
    head,
    'version: 1',
    '',
    'limits:',
    '  # Nothing is ever retained longer than this from now, whatever a rule or a tag says.',
    `  maxRetention: ${max.text}`,
    '',
    '# Events that failed to the end are kept here, each as one object, until `holdfast redrive` replays them.',
    `deadLetters: ${formatAddress(cloud, { bucket: deadLetters.bucket, key: deadLetters.prefix })}`,
    '',
    ...(audit === undefined
      ? []
      : [
          '# The record of every decision goes here, as a chain that `holdfast audit verify` checks. A rule for this bucket retains it.',
          `audit: ${formatAddress(cloud, { bucket: audit.bucket, key: audit.prefix })}`,
          '',
        ]),
    ...(objectBuckets.length > 0 ? objectRules(answers, words) : []),
    ...(answers.defaultRetention === undefined ? [] : defaultRules(answers, answers.defaultRetention)),
    ...(archiveBuckets.length > 0 ? bucketRules(answers) : []),
  ].join('\n');
}

const head = `# yaml-language-server: $schema=./rules.schema.json
#
# What Holdfast keeps, and for how long. Written by \`holdfast init\`, and yours to change. After a change run \`holdfast
# validate\` and \`holdfast test\`, before it is deployed: retention cannot be taken back.
#
# Durations: 90d, 26w, 18mo, 7y, 1y6mo, or ISO 8601 (P7Y). Months and years are calendar, in UTC.
# Globs: "*" stops at "/", "**" does not, "!" excludes. Quote a text that starts with "*" or "!".`;

const objectRules = ({ objectBuckets, keep }: Answers, words: RulesWords): string[] => [
  `# Retention per object version, for ${words.lockedBuckets}. Every matching rule counts, and the latest date wins.`,
  'objects:',
  '  # Everything, from its Last-Modified. Narrow it with `key: ledger/**` or `tags: { class: finance }`, or add rules.',
  `  # A bucket that is new here also needs ${words.newBucket}.`,
  `  - name: ${objectRuleName}`,
  '    match:',
  `      bucket: ${inline(objectBuckets)}`,
  `    retain: ${keep.text}`,
  '',
];

const defaultRules = ({ objectBuckets }: Answers, { text }: Duration): string[] => [
  '# The default retention of these buckets, which the timer keeps in place: an upload is protected before any function has seen it.',
  'defaults:',
  `  - name: ${defaultRuleName}`,
  '    match:',
  `      bucket: ${inline(objectBuckets)}`,
  `    retain: ${text}`,
  '',
];

function bucketRules({ archiveBuckets, keep, max }: Answers): string[] {
  const { atLeast, atMost } = policyDays({ keep, max });
  return [
    '# Retention for a whole bucket by its WORM policy. OSS does not allow it together with ObjectWorm.',
    'buckets:',
    `  - name: ${bucketRuleName}`,
    '    match:',
    `      bucket: ${inline(archiveBuckets)}`,
    '    policy:',
    `      # An initiated policy must have this many days to be locked: ${keep.text} at least, ${max.text} at most.`,
    `      days: { atLeast: ${atLeast}, atMost: ${atMost} }`,
    '      # true: create a missing or lapsed policy (needs a plain number of days, and more rights in ram/).',
    '      initiate: false',
    '      # Lock an acceptable policy at this age: OSS drops it after 24 hours. `lock: false` only watches.',
    '      lock: { after: 20h }',
    '      # What to do with an unlocked policy that is not acceptable: report or abort.',
    '      mismatch: report',
    '',
  ];
}
