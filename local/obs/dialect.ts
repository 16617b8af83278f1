import type { Headers, Query } from '../oss/signature/request.ts';

/**
 * The two ways in which clients speak to OBS: its own, with `x-obs-…` headers, and that of S3, with `x-amz-…` headers. OBS answers
 * in the way in which it was asked.
 */
export interface Dialect {
  readonly name: 'obs' | 'aws';
  /** This is what its headers begin with. */
  readonly prefix: 'x-obs-' | 'x-amz-';
  /** The namespace of its XML. */
  readonly namespace: string;
}

export const obsDialect: Dialect = {
  name: 'obs',
  prefix: 'x-obs-',
  namespace: 'http://obs.myhwclouds.com/doc/2015-06-30/',
};
export const awsDialect: Dialect = {
  name: 'aws',
  prefix: 'x-amz-',
  namespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
};

/** Returns the dialect of a request: its signature tells. */
export function dialectOf(headers: Headers, query: Query): Dialect {
  const isAws =
    headers['authorization']?.startsWith('AWS') === true ||
    query.has('AWSAccessKeyId') ||
    query.has('X-Amz-Algorithm');
  return isAws ? awsDialect : obsDialect;
}
