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
