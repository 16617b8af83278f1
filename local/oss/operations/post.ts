import { needsOf } from '../../ram/actions.ts';
import { receive } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { checkPostPolicy } from '../signature/post.ts';
import { findBucket } from '../versions.ts';
import { writeEncryption } from './encryption.ts';
import { checkKey, readAttributes, uploadHeaders } from './object-headers.ts';
import { store } from './put.ts';

const credentials = ['x-oss-signature-version', 'x-oss-credential', 'x-oss-signature'];

/** Upload by a browser's form, whose fields take the place of headers (documented with PostObject). */
export const postOperation: Operation = {
  name: 'PostObject',
  method: 'POST',
  on: 'bucket',
  headers: [...uploadHeaders, ...credentials],
  run: postObject,
};

/** Calling back and redirecting are not implemented. */
const notImplemented = ['callback', 'success_action_redirect'];

async function postObject(call: Call, cloud: Cloud): Promise<Reply> {
  const { headers: fields } = call;
  const foreign = notImplemented.find((name) => fields[name] !== undefined);
  if (foreign) throw refuse('NotImplemented', { details: { Field: foreign } });
  checkKey(call.key);
  const { minBytes, maxBytes } = checkPostPolicy(fields, call.bucket, call.key);
  call.authorize(needsOf('PutObject', call));
  findBucket(cloud.store, call.bucket);
  const received = await receive(call, { maxBytes });
  if (received.content.size < minBytes) throw refuse('EntityTooSmall');
  const bucket = findBucket(cloud.store, call.bucket);
  const { version } = store(call, cloud, bucket, 'ObjectCreated:PostObject', {
    type: 'Normal',
    ...received,
    ...readAttributes(call, bucket, cloud),
  });
  const etag = `"${version.etag}"`;
  const headers = {
    ETag: etag,
    'x-oss-hash-crc64ecma': version.crc64,
    ...writeEncryption(version.encryption),
    ...versionHeader(bucket, version.versionId),
  };
  const document = { PostResponse: { Bucket: bucket.name, Location: call.url(), Key: call.key, ETag: etag } };
  switch (fields['success_action_status']) {
    case '200':
      return { status: 200, headers };
    case '201':
      return { ...xmlReply(document, headers), status: 201 };
    default:
      return { status: 204, headers };
  }
}
