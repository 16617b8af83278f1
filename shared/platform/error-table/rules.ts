import type { ErrorEntry } from './entry.ts';

/** The errors about rules and the files that go with them. */
export const rulesErrors = {
  RULES_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the lines named, then run `holdfast validate {file}`',
  },
  RULES_UNREADABLE: {
    kind: 'permanent',
    message: 'cannot read the rules from {source}: {reason}',
    remedy:
      'name a readable file on the command line or in HOLDFAST_RULES, or the address of an object in the cloud that is served: oss://bucket/key, or obs://bucket/key',
  },
  TESTS_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the lines named; docs/rules-tests.md shows how cases are written',
  },
  PRICES_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the lines named; docs/diff.md shows a table of prices',
  },
  REPORT_INVALID: {
    kind: 'permanent',
    message: '{file}:{line} is not a report of single versions: {reason}',
    remedy: 'make one with `holdfast report --format jsonl --output report.jsonl`, and give that',
  },
  CONFIG_INVALID: {
    kind: 'permanent',
    message: '{name} is not usable: {reason}',
    remedy: 'set {name} as docs/configuration.md says',
  },
  TEMPLATE_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the places named, and try again; `holdfast validate` checks an s.yaml',
  },
  RULES_COLLIDE: {
    kind: 'permanent',
    message: 'bucket {bucket} is matched by object rules ({objectRules}) and by bucket rules ({bucketRules})',
    remedy: 'let only one kind of rule match the bucket: OSS makes ObjectWorm and a WORM policy exclusive',
  },
  BUCKET_RULES_OVERLAP: {
    kind: 'permanent',
    message: 'bucket {bucket} is matched by more than one bucket rule: {bucketRules}',
    remedy: 'let exactly one bucket rule match the bucket; a policy cannot follow two',
  },
  DEFAULT_RULES_OVERLAP: {
    kind: 'permanent',
    message: 'bucket {bucket} is matched by more than one rule under defaults: {rules}',
    remedy: 'let exactly one of them match the bucket; it has one default retention',
  },
  NO_RULE_FOR_CLOUD: {
    kind: 'permanent',
    message:
      'no rule in {file} is for {served}://: each is for another cloud, or needs what {served}:// does not offer',
    remedy: 'add an object rule whose bucket glob has no scheme, or begins with {served}:// (docs/obs.md)',
  },
} as const satisfies Record<string, ErrorEntry>;
