import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import type { Call } from '../request.ts';
import type { Upload } from '../state.ts';
import { findBucket } from '../versions.ts';

/**
 * The multipart upload that a request goes on with. It takes its tags and retention from its beginning; retention that
 * comes only later would be lost in silence, hence is refused.
 * @throws NoSuchBucket, NoSuchUpload, NotImplemented
 */
export function findUpload(call: Call, cloud: Cloud): Upload {
  findBucket(cloud.store, call.bucket);
  const id = call.query.get('uploadId') ?? '';
  const upload = cloud.store.upload(call.bucket, id);
  if (upload?.key !== call.key) throw refuse('NoSuchUpload', { details: { UploadId: id } });
  const late = Object.keys(call.headers).find((name) => name.startsWith('x-oss-object-worm-'));
  if (late && !upload.retention) throw refuse('NotImplemented', { details: { Header: late } });
  return upload;
}
