/** This is what object retention on OBS needs of a bucket, in the order in which it is turned on. */
export const bucketFeatures = ['versioning', 'WORM'] as const;
export type BucketFeature = (typeof bucketFeatures)[number];

/** The features of one bucket. */
export interface BucketFeatures {
  readonly bucket: string;
  readonly on: Readonly<Record<BucketFeature, boolean>>;
}

/** One feature of one bucket. */
export interface BucketStep {
  readonly bucket: string;
  readonly feature: BucketFeature;
}

/** The buckets that a person has named, by what is to be turned on for them. */
export type NamedBuckets = Readonly<Record<BucketFeature, readonly string[]>>;

/** This is what is to be done, what is missing and nobody asked for, and what is asked for and cannot be done. */
export interface BucketPlan {
  readonly steps: readonly BucketStep[];
  readonly missing: readonly BucketStep[];
  /** WORM is asked for where versioning is off and is not asked for ("WORM Overview": versioning comes first). */
  readonly impossible: readonly string[];
}

/** Returns what is to be done to buckets. Nothing is turned on for a bucket that is not named. Pure. */
export function planBuckets(found: readonly BucketFeatures[], named: NamedBuckets): BucketPlan {
  const off = found.flatMap(({ bucket, on }) =>
    bucketFeatures.flatMap((feature) => (on[feature] ? [] : [{ bucket, feature }])),
  );
  const isNamed = ({ bucket, feature }: BucketStep) => named[feature].includes(bucket);
  const impossible = off
    .filter(({ bucket, feature }) => feature === 'versioning' && named.WORM.includes(bucket))
    .filter((step) => !isNamed(step))
    .map(({ bucket }) => bucket);
  return { steps: off.filter(isNamed), missing: off.filter((step) => !isNamed(step)), impossible };
}
