/**
 * The events that OSS triggers of Function Compute know, without the `oss:` prefix that a trigger's configuration adds.
 * Source: Function Compute, "Overview of OSS triggers", the table of event types, read in November 2026. The schema of
 * the fc3 component lacks the three names of ObjectReplication; the page decides.
 */
export const ossEventNames = [
  'ObjectCreated:PutObject',
  'ObjectCreated:PutSymlink',
  'ObjectCreated:PostObject',
  'ObjectCreated:CopyObject',
  'ObjectCreated:AppendObject',
  'ObjectCreated:InitiateMultipartUpload',
  'ObjectCreated:UploadPart',
  'ObjectCreated:UploadPartCopy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:DeleteObject',
  'ObjectRemoved:DeleteObjects',
  'ObjectRemoved:AbortMultipartUpload',
  'ObjectModified:UpdateObjectMeta',
  'ObjectReplication:ObjectCreated',
  'ObjectReplication:ObjectModified',
  'ObjectReplication:ObjectRemoved',
] as const;

/**
 * The names that stand for every event of their kind in a trigger. The page names the one of ObjectCreated, the schema
 * of fc3 the one of ObjectRemoved too.
 */
export const ossEventWildcards = ['ObjectCreated:*', 'ObjectRemoved:*'] as const;

/** Names after which no version exists that could be retained, with the reason. A removal is told by its ending. */
const withoutNewVersion: ReadonlyMap<string, string> = new Map([
  ['ObjectCreated:PutSymlink', 'it creates a symlink, and OSS refuses retention on symlinks'],
  ['ObjectCreated:AppendObject', 'it creates an appendable object, and OSS refuses retention on those'],
  [
    'ObjectCreated:InitiateMultipartUpload',
    'it begins an upload, and no object exists before the upload is complete',
  ],
  ['ObjectCreated:UploadPart', 'it uploads one part, and no object exists before the upload is complete'],
  ['ObjectCreated:UploadPartCopy', 'it uploads one part, and no object exists before the upload is complete'],
]);

/**
 * Says why an event needs no look at the object; undefined when a version may have been created that can be retained.
 * A creation whose name is not known counts as one, and so does a change: the object itself then tells what it is.
 * @param name without the `oss:` prefix
 */
export function reasonToIgnore(name: string): string | undefined {
  const known = withoutNewVersion.get(name);
  if (known !== undefined) return known;
  const [category, action] = name.split(':');
  if (category === 'ObjectRemoved' || action === 'ObjectRemoved')
    return 'it removes something and creates no version';
  if (category === 'ObjectCreated' || category === 'ObjectModified' || category === 'ObjectReplication')
    return undefined;
  return 'events of this name are not about the creation of an object';
}
