import * as z from 'zod';

/** This is how much of a file that only grows is certain. */
export const fileMark = z.object({
  bytes: z.int().nonnegative(),
  /** The SHA-256 of these bytes, in hex. */
  sha256: z.string(),
});
export type FileMark = z.infer<typeof fileMark>;
