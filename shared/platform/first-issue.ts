import type * as z from 'zod';

type Issues = Pick<z.ZodError, 'issues'>;

/**
 * Says the first thing that is wrong with a value, and where.
 * @param whole names the value, for what is wrong with all of it
 */
export const firstIssue = ({ issues }: Issues, whole: string): string =>
  allIssues({ issues: issues.slice(0, 1) }, whole);

/** Says all that is wrong with a value, and where, in one line: a message takes no line of others. */
export const allIssues = ({ issues }: Issues, whole: string): string =>
  issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; ');
