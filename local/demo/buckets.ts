import { day, hour } from '../../shared/platform/instant.ts';
import type { Change } from './timeline.ts';

/** A change that is to happen within a quarter of an hour after the policy has reached an age. */
export interface Expected {
  readonly kind: Change['kind'];
  readonly days: number;
  readonly ageMs: number;
}

/** A bucket of the demo: how it begins, and what is to become of it by the shipped rules. */
export interface Subject {
  readonly bucket: string;
  /** The days of the policy that is initiated by hand; none when it is not given. */
  readonly days?: number;
  readonly rules: readonly string[];
  readonly changes: readonly Expected[];
  /** Tells whether every run of the timer is to report it. */
  readonly reported: boolean;
  /** This is what is to come of deleting an object in it in the end. */
  readonly deletion: string;
}

/** The object in each of these buckets. */
export const subjectKey = 'data.bin';
export const subjectBody = 'data';

/** This is where rules.yaml has failed events kept. A deployment needs the bucket before it (docs/setup.md). */
export const lettersBucket = 'holdfast-dead-letters';

export const subjects: readonly Subject[] = [
  {
    bucket: 'archive-2026',
    days: 365,
    rules: ['archive: 180 days or', 'more; lock after 20 h'],
    changes: [{ kind: 'locked', days: 365, ageMs: 20 * hour }],
    reported: false,
    deletion: '409 FileImmutable',
  },
  {
    bucket: 'archive-short',
    days: 7,
    rules: ['archive: too short,', 'report and never lock'],
    changes: [{ kind: 'lapsed', days: 7, ageMs: 24 * hour }],
    reported: true,
    deletion: 'deleted',
  },
  {
    bucket: 'scratch',
    days: 30,
    rules: ['no rule matches:', 'leave it alone'],
    changes: [{ kind: 'lapsed', days: 30, ageMs: 24 * hour }],
    reported: false,
    deletion: 'deleted',
  },
  {
    bucket: 'backup-db',
    rules: ['backups: initiate 35', 'days, lock after 20 h,', 'add 35 when near its end'],
    changes: [
      { kind: 'initiated', days: 35, ageMs: 0 },
      { kind: 'locked', days: 35, ageMs: 20 * hour },
      { kind: 'extended', days: 70, ageMs: 5 * day },
    ],
    reported: false,
    deletion: '409 FileImmutable',
  },
];
