import { createHash } from 'node:crypto';
import { type CloudName, formatAddress } from '../platform/address.ts';
import { quantity } from '../platform/quantity.ts';
import { visible } from '../platform/visible.ts';
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

/**
 * Returns an act in words, in one line, such as `lock of archive-1 (policy A1B2, 365 days)`.
 * @param cloud where it is done
 */
export function subjectInWords(subject: ApprovalSubject, cloud: CloudName): string {
  switch (subject.act) {
    case 'lock':
      return `lock of ${visible(subject.bucket)} (policy ${visible(subject.wormId)}, ${quantity(subject.days, 'day')})`;
    case 'extend':
      return `extension of ${visible(subject.bucket)} to ${quantity(subject.days, 'day')} (policy ${visible(subject.wormId)})`;
    case 'retain':
      return `retention of ${visible(formatAddress(cloud, { bucket: subject.bucket, key: subject.key }))} (version ${visible(subject.versionId)}) until ${subject.until}`;
    case 'protect':
      return `retention of ${quantity(subject.versions, 'version')} in ${visible(subject.target)} until ${subject.latest} at the latest (list ${subject.list.slice(0, 'sha256:'.length + 12)}, uploads before ${subject.before})`;
    case 'release':
      return `${subject.again ? 'second release' : 'release'} of matter ${visible(subject.matter)} (records ${subject.records.slice(0, 'sha256:'.length + 12)})`;
  }
}
