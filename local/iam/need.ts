/** One thing that a request has to be allowed: an action on a bucket, on an object or, with neither, on all buckets. */
export interface IamNeed {
  readonly action: string;
  readonly bucket: string;
  readonly key: string;
}
