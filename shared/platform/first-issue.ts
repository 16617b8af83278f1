import type * as z from 'zod';

/**
 * Says the first thing that is wrong with a value, and where.
 * @param whole names the value, for what is wrong with all of it
 */
export function firstIssue({ issues }: Pick<z.ZodError, 'issues'>, whole: string): string {
  const [issue] = issues;
  return `${issue?.path.join('.') || whole}: ${issue?.message}`;
}
