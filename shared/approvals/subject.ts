import { createHash } from 'node:crypto';
import { quantity } from '../platform/quantity.ts';
import type { ApprovalSubject } from './types.ts';

/** Returns one text for one act: equal acts have equal texts, in whatever order their parts were given. */
export const subjectText = (subject: ApprovalSubject): string =>
  JSON.stringify(Object.entries(subject).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** Returns the hash over acts, whatever their order. */
export const hashSubjects = (subjects: readonly ApprovalSubject[]): string =>
  `sha256:${createHash('sha256').update(subjects.map(subjectText).toSorted().join('\n')).digest('hex')}`;

/** Returns what an act is done to, as text: two acts of one kind on one thing are about the same, and may differ in the rest. */
export function subjectTarget(subject: ApprovalSubject): string {
  switch (subject.act) {
    case 'lock':
    case 'extend':
      return JSON.stringify([subject.act, subject.bucket]);
    case 'retain':
      return JSON.stringify([subject.act, subject.bucket, subject.key, subject.versionId]);
    case 'protect':
      return JSON.stringify([subject.act, subject.target]);
    case 'release':
      return JSON.stringify([subject.act, subject.matter]);
  }
}

/** Returns an act in words, such as `lock of archive-1 (policy A1B2, 365 days)`. */
export function subjectInWords(subject: ApprovalSubject): string {
  switch (subject.act) {
    case 'lock':
      return `lock of ${subject.bucket} (policy ${subject.wormId}, ${quantity(subject.days, 'day')})`;
    case 'extend':
      return `extension of ${subject.bucket} to ${quantity(subject.days, 'day')} (policy ${subject.wormId})`;
    case 'retain':
      return `retention of ${subject.bucket}/${subject.key} (version ${subject.versionId}) until ${subject.until}`;
    case 'protect':
      return `retention of ${quantity(subject.versions, 'version')} in ${subject.target} until ${subject.latest} at the latest (list ${subject.list.slice(0, 'sha256:'.length + 12)}, uploads before ${subject.before})`;
    case 'release':
      return `release of matter ${subject.matter} (records ${subject.records.slice(0, 'sha256:'.length + 12)})`;
  }
}
