import type { RulesFinding } from '../problem.ts';

/**
 * This is what is legal and probably wrong, by a word that people can search for; docs/validate.md says more about
 * each.
 */
export const warningCodes = {
  'review-past': 'the date on which the rule was to be reviewed is past',
  unreachable: 'the rule can never protect anything',
  'impossible-glob': 'one of several globs can never match',
  'may-collide': 'a bucket could match two rules of which it may have one only',
  'no-such-tag': 'the rule takes its date from a tag that no object can have',
  outdone: 'another rule always keeps the same objects as long or longer',
  'differing-dates': 'two rules read the same tag of the same objects and give different dates',
  'default-longer': 'the default retention is longer than what the object rules of a bucket give',
  'high-cap': 'limits.maxRetention is far above what any rule can ask for',
  'over-cap': 'a bound is above limits.maxRetention, which stops first',
  'over-cap-at-times': 'what a rule asks for is above limits.maxRetention in some years and not in others',
  'never-locked': 'the rule needs a locked policy and never locks one',
  'no-such-policy': 'the rule is for bucket policies of a cloud that has none',
  'no-room': 'extend can never add a day',
  'many-calls': 'extend adds so little that each object is written again every few days',
  'thin-margin': 'extend begins so late that one run that fails lets objects end',
  'no-trigger': 'no trigger in s.yaml fires for a bucket of the rule',
  filtered: 'the triggers in s.yaml pass over keys that the rule is for',
  'missing-event': 'a trigger in s.yaml leaves out one of the ways in which objects come to be',
  'other-region': 'a trigger in s.yaml is for a bucket in another region than its function',
  unpinned: 's.yaml names no version of its component',
  'log-project': 'the log project has a name that another customer can have',
  'destination-later': 'a function in s.yaml is deployed before its failure destination',
  'no-timer': 'nothing in s.yaml looks at the buckets of the rule',
  'timer-letters': 'a run of the timer that fails makes a dead letter, although the next run repeats it',
  'never-extended': 'nothing in s.yaml runs what would extend the objects of the rule',
  'never-renewed': 'nothing in s.yaml runs what would renew the event holds of the rule',
  'thin-hold': 'the period is so short that an event hold is lost when a run or two fail',
  'unretained-evidence': 'no rule keeps the evidence from being deleted',
  'approval-never': 'an approval is asked for beyond a length that nothing can have',
  'approval-late': 'an extension that somebody has to approve is due too late for that',
  'no-dead-letters': 'events that failed to the end are kept nowhere',
} as const;

export type WarningCode = keyof typeof warningCodes;

/** Something that is legal and probably wrong, by its place in the tree of values. */
export interface Warning extends RulesFinding {
  readonly code: WarningCode;
}

export const warn = (code: WarningCode, path: RulesFinding['path'], message: string): Warning => ({
  code,
  path,
  part: 'value',
  message,
});
