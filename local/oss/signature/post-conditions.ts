import * as z from 'zod';
import { refuse } from '../errors.ts';
import type { Headers } from './request.ts';

/** One condition of the policy of a form, as the documents of PostObject have it. */
export const postCondition = z.union([
  z.record(z.string(), z.string()),
  z.tuple([z.enum(['eq', 'starts-with']), z.string(), z.string()]),
  z.tuple([z.enum(['in', 'not-in']), z.string(), z.array(z.string())]),
  z.tuple([z.literal('content-length-range'), z.int().min(0), z.int().min(0)]),
]);
type Condition = z.infer<typeof postCondition>;

/** Tells whether the fields of a form are as a condition of its policy asks. @throws AccessDenied */
export function checkCondition(condition: Condition, fields: Headers): void {
  if (isMet(condition, fields)) return;
  throw refuse('AccessDenied', {
    message: `Invalid according to Policy: Policy Condition failed: ${JSON.stringify(condition)}`,
    ec: '0006-00000227',
  });
}

function isMet(condition: Condition, fields: Headers): boolean {
  if (!Array.isArray(condition)) {
    return Object.entries(condition).every(([name, value]) => fields[name.toLowerCase()] === value);
  }
  const [operator, field, wanted] = condition;
  if (operator === 'content-length-range') return true; // the size is known only when the file has come
  const value = fields[field.replace(/^\$/, '').toLowerCase()] ?? '';
  switch (operator) {
    case 'eq':
      return value === wanted;
    case 'starts-with':
      return value.startsWith(wanted);
    case 'in':
      return wanted.includes(value);
    case 'not-in':
      return !wanted.includes(value);
  }
}
