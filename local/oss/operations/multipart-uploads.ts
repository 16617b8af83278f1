import type { Cloud } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Upload } from '../state.ts';
import { compareKeys } from '../store/key-index.ts';
import { findBucket } from '../versions.ts';
import { xmlDate } from '../xml.ts';
import { boundedText, keyEncoding, pageSize } from './paging.ts';
import { commonPrefix, takePage } from './walk.ts';

const USUAL_PAGE = 1000;

type Item =
  | { readonly kind: 'upload'; readonly upload: Upload }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** Returns the uploads that have neither been completed nor aborted, by key and then by id. */
export function listUploads(call: Call, cloud: Cloud): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const query = (parameter: string) => boundedText(call, parameter);
  const limit = pageSize(call, USUAL_PAGE, 'max-uploads');
  const { page, isTruncated } = takePage(items(cloud.store.uploads(name), query), limit);
  const last = page.at(-1);
  const next =
    last?.kind === 'upload'
      ? [last.upload.key, last.upload.id]
      : [last?.kind === 'prefix' ? last.prefix : ''];
  return xmlReply({
    ListMultipartUploadsResult: {
      EncodingType: type,
      Bucket: name,
      KeyMarker: text(query('key-marker')),
      UploadIdMarker: query('upload-id-marker'),
      NextKeyMarker: text(next[0] ?? ''), // also when there is no more (Python SDK v2's suite)
      NextUploadIdMarker: next[1] ?? '',
      Delimiter: text(query('delimiter')),
      Prefix: text(query('prefix')),
      MaxUploads: limit,
      IsTruncated: isTruncated,
      Upload: page.flatMap((item) =>
        item.kind === 'upload'
          ? [
              {
                Key: text(item.upload.key),
                UploadId: item.upload.id,
                StorageClass: item.upload.storageClass,
                Initiated: xmlDate(item.upload.initiatedAt),
              },
            ]
          : [],
      ),
      CommonPrefixes: page.flatMap((item) => (item.kind === 'prefix' ? [{ Prefix: text(item.prefix) }] : [])),
    },
  });
}

/** Tells what a listing names, in order, from behind the markers on. */
function* items(uploads: readonly Upload[], query: (parameter: string) => string): Generator<Item> {
  const [keyMarker, idMarker] = [query('key-marker'), query('upload-id-marker')];
  const [prefix, delimiter] = [query('prefix'), query('delimiter')];
  const sorted = uploads
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => compareKeys(a.key, b.key) || compareKeys(a.id, b.id));
  let group: string | undefined;
  for (const upload of sorted) {
    const shared = commonPrefix(upload.key, prefix, delimiter);
    const order = compareKeys(shared ?? upload.key, keyMarker);
    const isPast = shared === undefined && order === 0 && idMarker !== '' && upload.id > idMarker;
    if (keyMarker !== '' && order <= 0 && !isPast) continue;
    if (shared === undefined) yield { kind: 'upload', upload };
    else if (shared !== group) yield { kind: 'prefix', prefix: shared };
    group = shared;
  }
}
