/** The action by which an object is written (OSS, PutObject; copies and multipart uploads take it too). */
export const writeAction = 'oss:PutObject';

/** A statement of a RAM policy that denies writing into one folder. */
export interface WriteDenial {
  readonly Effect: 'Deny';
  readonly Action: readonly [typeof writeAction];
  readonly Resource: readonly [string];
}

/** Makes the statement that keeps a role from writing into a folder, whatever else it is allowed. */
export const writeDenial = ({
  bucket,
  prefix,
}: {
  readonly bucket: string;
  readonly prefix: string;
}): WriteDenial => ({
  Effect: 'Deny',
  Action: [writeAction],
  Resource: [`acs:oss:*:*:${bucket}/${prefix}*`],
});
