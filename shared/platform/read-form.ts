import type * as z from 'zod';
import { firstIssue } from './first-issue.ts';
import { readJson } from './read-json.ts';

/**
 * Reads JSON of a known form.
 * @param refuse makes the error of another text; the reason says the first thing that is wrong
 * @throws what `refuse` makes
 */
export function readForm<Form>(
  text: string,
  form: z.ZodType<Form>,
  refuse: (reason: string, cause?: unknown) => Error,
): Form {
  const parsed = form.safeParse(readJson(text, (_reason, cause) => refuse('it is not JSON', cause)));
  if (parsed.success) return parsed.data;
  throw refuse(firstIssue(parsed.error, 'the file'), parsed.error);
}
