import type { ReportedProblem } from '../buckets/types.ts';
import type { ObjectDecision } from '../objects/types.ts';
import type { BucketAction } from './types.ts';

/*
 * The words that a case may use, as maps of all of them, so that the compiler says when a decision has got another.
 */
type Words<Word extends string> = { readonly [Each in Word]: Each };

const ofObjects: Words<ObjectDecision['action']> = {
  protect: 'protect',
  'already-protected': 'already-protected',
  'at-cap': 'at-cap',
  elapsed: 'elapsed',
  'no-rule': 'no-rule',
  skipped: 'skipped',
  refuse: 'refuse',
};

const ofBuckets: Words<BucketAction> = {
  initiate: 'initiate',
  renew: 'renew',
  lock: 'lock',
  extend: 'extend',
  abort: 'abort',
  wait: 'wait',
  watch: 'watch',
  leave: 'leave',
  report: 'report',
  'no-rule': 'no-rule',
  refuse: 'refuse',
};

export const actions = { ...ofObjects, ...ofBuckets };

export const actionsOf: Readonly<Record<'object' | 'bucket', readonly string[]>> = {
  object: Object.values(ofObjects),
  bucket: Object.values(ofBuckets),
};

/** This is what may be reported of a policy. */
export const problems: Words<ReportedProblem> = {
  absent: 'absent',
  mismatch: 'mismatch',
  lapsed: 'lapsed',
  'over-cap': 'over-cap',
  'at-cap': 'at-cap',
  'too-short': 'too-short',
  'oldest-unknown': 'oldest-unknown',
  'unknown-state': 'unknown-state',
};
