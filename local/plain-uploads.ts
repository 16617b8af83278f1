import type { RequestResult } from 'ali-oss';
import type { PlainClient } from './plain-client.ts';

/** This is what is to be uploaded with {@link uploadVersion}. */
export interface Content {
  readonly key: string;
  readonly body: Buffer;
  readonly tags: Readonly<Record<string, string>>;
  /** In bytes, for a multipart upload; at least 100 KB. */
  readonly partSize?: number;
}

/** Uploads an object with its tags. @returns the id of the version that came to be */
export async function uploadVersion(client: PlainClient, content: Content): Promise<string> {
  const { key, body, tags, partSize } = content;
  const headers = taggingHeader(tags);
  const { res } =
    partSize === undefined
      ? await client.put(key, body, { headers })
      : await client.multipartUpload(key, body, { headers, partSize });
  return versionIdOf(res, key);
}

/** This is what a copy of a version is to become. */
export interface Copy {
  readonly key: string;
  readonly source: { readonly bucket: string; readonly key: string; readonly versionId: string };
  /** Instead of the source's own. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Copies a version, with its tags or others. @returns the id of the version that came to be */
export async function copyVersion(client: PlainClient, { key, source, tags }: Copy): Promise<string> {
  const headers = tags && { 'x-oss-tagging-directive': 'REPLACE', ...taggingHeader(tags) };
  const { bucket, key: sourceKey, versionId } = source;
  const options = { versionId, ...(headers && { headers }) };
  return versionIdOf((await client.copy(key, `/${bucket}/${sourceKey}`, options)).res, key);
}

function taggingHeader(tags: Readonly<Record<string, string>>): Record<string, string> {
  const tagging = new URLSearchParams(tags).toString();
  return tagging === '' ? {} : { 'x-oss-tagging': tagging };
}

function versionIdOf({ headers }: RequestResult, key: string): string {
  const versionId = headers['x-oss-version-id'];
  if (versionId === undefined) throw new Error(`the upload of ${key} brought no version id`);
  return versionId;
}
