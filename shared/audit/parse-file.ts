import * as z from 'zod';
import { firstIssue } from '../platform/first-issue.ts';
import { quantity } from '../platform/quantity.ts';
import type { AuditFile } from './file.ts';
import { hourOf, parseName, sha256 } from './name.ts';

/* Apart from file.ts, which every function loads at its start: only what reads evidence needs a schema. */

const fileName = z.string().transform((text, context) => {
  const name = parseName(text);
  if (name !== undefined) return name;
  context.addIssue({ code: 'custom', message: `${text} names no file of evidence` });
  return z.NEVER;
});

const header = z.object({
  audit: z.literal(1),
  writer: z.string(),
  sequence: z.int().min(1),
  previous: fileName.optional(),
  writtenAt: z.iso.datetime().transform((text) => new Date(text)),
  by: z.string(),
  requestId: z.string().optional(),
  records: z.int().min(0),
  rules: z.string().optional(),
  rulesText: z.string().optional(),
});

const record = z.record(z.string(), z.unknown());

/** Reads a file, or says why it is none. What its name must be is part of the result. */
export function parseFile(text: string): AuditFile | { readonly problem: string } {
  const lines = text.split('\n');
  if (lines.pop() !== '') return { problem: 'it does not end with a line break' };
  try {
    const [first, ...rest] = lines.map((line): unknown => JSON.parse(line));
    const { audit: _form, records: count, previous, requestId, ...head } = header.parse(first);
    const records = rest.map((line) => record.parse(line));
    if (records.length !== count)
      return { problem: `it has ${quantity(records.length, 'record')} of ${count}` };
    const { writer, sequence, writtenAt } = head;
    const name = { hour: hourOf(writtenAt), writer, sequence, sha256: sha256(text) };
    return { ...head, previous, requestId, records, name, text };
  } catch (error) {
    if (error instanceof z.ZodError) {
      return { problem: firstIssue(error, 'a line') };
    }
    if (error instanceof SyntaxError) return { problem: 'it is not JSON lines' };
    throw error;
  }
}
