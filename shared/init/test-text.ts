import { formatAddress } from '../platform/address.ts';
import { quantity } from '../platform/quantity.ts';
import type { Answers } from './answers.ts';
import { policyDays } from './policy-days.ts';
import { bucketRuleName, objectRuleName } from './rules-text.ts';
import { inline } from './yaml-text.ts';

/** Returns test cases for the rules of {@link rulesText}, one rule after the other. */
export function testText(answers: Answers): string {
  const cases = [...answers.objectBuckets.flatMap(uploadIn(answers)), ...archiveCases(answers)];
  return `# yaml-language-server: $schema=./rules.test.schema.json
#
# What rules.yaml is to decide, one thing a case. Run it with \`holdfast test\`, and add a case for each rule that you add.
#
# Times are UTC: 2026-11-20T10:00:00Z, or counted from \`now\`: 20h ago, in 7y. An object was last modified \`now\` unless
# the case says otherwise.
version: 1
now: 2026-11-20T10:00:00Z

cases:
${cases.map(({ name, given, expect }) => `  - name: ${inline(name)}\n    given: ${given}\n    expect: ${expect}\n`).join('\n')}`;
}

interface CaseText {
  readonly name: string;
  readonly given: string;
  readonly expect: string;
}

const uploadIn =
  ({ cloud, keep, max }: Answers) =>
  (bucket: string, index: number): CaseText[] => {
    const object = `object: ${formatAddress(cloud, { bucket, key: 'hello.txt' })}`;
    const upload = {
      name: `an upload to ${bucket} is kept for ${keep.text}`,
      given: `{ ${object} }`,
      expect: `{ action: protect, rule: ${objectRuleName}, until: in ${keep.text} }`,
    };
    const longer = {
      name: 'what is retained for longer already is left as it is',
      given: `{ ${object}, retention: { until: in ${max.text} } }`,
      expect: `{ action: already-protected, rule: ${objectRuleName} }`,
    };
    return index === 0 ? [upload, longer] : [upload];
  };

function archiveCases({ archiveBuckets, keep, max }: Answers): CaseText[] {
  const { atLeast } = policyDays({ keep, max });
  const on = (bucket: string, policy: string) => `{ bucket: ${inline(bucket)}, policy: ${policy} }`;
  const open = (days: number) => `{ state: InProgress, days: ${days}, created: 20h ago }`;
  const [first] = archiveBuckets;
  const locks = archiveBuckets.map((bucket) => ({
    name: `a policy of ${quantity(atLeast, 'day')} on ${bucket} is locked when it is 20 hours old`,
    given: on(bucket, open(atLeast)),
    expect: `{ action: lock, rule: ${bucketRuleName}, days: ${atLeast} }`,
  }));
  if (first === undefined) return locks;
  const reported = (problem: string) => `{ action: report, rule: ${bucketRuleName}, problem: ${problem} }`;
  const shorter = {
    name: 'a shorter policy is not locked but reported',
    given: on(first, open(atLeast - 1)),
    expect: reported('mismatch'),
  };
  return [
    ...locks,
    ...(atLeast > 1 ? [shorter] : []),
    {
      name: 'a bucket without a policy is reported',
      given: on(first, 'none'),
      expect: reported('absent'),
    },
    {
      name: 'a locked policy is left as it is',
      given: on(first, `{ state: Locked, days: ${atLeast}, created: 20h ago }`),
      expect: `{ action: leave, rule: ${bucketRuleName} }`,
    },
  ];
}
