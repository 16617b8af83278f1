import * as z from 'zod';
import { HoldfastError } from '../platform/errors.ts';

/** A bucket that could not be reported on, or not to its end, and why. */
export const unreadableBucket = z.object({
  bucket: z.string(),
  code: z.string(),
  message: z.string(),
  /** This is what to do about it; absent when nobody knows. */
  remedy: z.string().optional(),
});
export type UnreadableBucket = z.infer<typeof unreadableBucket>;

export function asUnreadableBucket(bucket: string, error: unknown): UnreadableBucket {
  if (error instanceof HoldfastError) {
    const { code, message, remedy } = error;
    return { bucket, code, message, remedy };
  }
  return { bucket, code: 'UNEXPECTED', message: reasonOf(error) };
}

/** Why something failed, in words. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
