import * as z from 'zod';
import { firstIssue } from '../platform/first-issue.ts';
import { formatInstant } from '../platform/instant.ts';
import { jsonIn } from '../platform/read-json.ts';
import { hashSubjects } from './subject.ts';
import type { ApprovalSubject } from './types.ts';

/* A file of its own, because whoever only looks whether there are approvals needs no schema. */

/** Characters of a note. */
export const longestNote = 1000;

const instant = z.iso.datetime({ error: 'expected an instant such as 2026-11-29T10:00:00Z' });
const name = z.string().min(1);
const hash = z.string().regex(/^sha256:[0-9a-f]{64}$/, { error: 'expected sha256: and 64 digits' });
const policy = { bucket: name, wormId: name, days: z.int().positive() };

/** The form of one act that may need an approval. */
export const approvalSubject = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('lock'), ...policy }),
  z.strictObject({ act: z.literal('extend'), ...policy }),
  z.strictObject({ act: z.literal('retain'), bucket: name, key: name, versionId: name, until: instant }),
  z.strictObject({
    act: z.literal('protect'),
    target: name,
    rules: hash,
    before: instant,
    versions: z.int().positive(),
    latest: instant,
    list: hash,
  }),
  z.strictObject({
    act: z.literal('release'),
    matter: name,
    records: hash,
    again: z.literal(true).optional(),
  }),
]);

const record = z.strictObject({
  approval: z.literal(1),
  by: z.strictObject({ caller: name, callerFrom: z.string() }),
  until: instant,
  plan: hash,
  subjects: z.array(approvalSubject).min(1),
  note: z.string().trim().min(1).max(longestNote).optional(),
});

/** An approval as it is written. */
export interface WrittenApproval {
  readonly by: { readonly caller: string; readonly callerFrom: string };
  readonly until: Date;
  readonly plan: string;
  readonly subjects: readonly ApprovalSubject[];
  readonly note?: string | undefined;
}

/** Reads the text of an approval, or says why it is none. */
export function parseApproval(text: string): WrittenApproval | { readonly problem: string } {
  const json = jsonIn(text);
  if (json === undefined) return { problem: 'it is not JSON' };
  const result = record.safeParse(json);
  if (!result.success) {
    return { problem: firstIssue(result.error, 'the approval') };
  }
  const { by, until, plan, subjects, note } = result.data;
  if (plan !== hashSubjects(subjects)) return { problem: 'plan: it is not the hash of the acts' };
  return { by, until: new Date(until), plan, subjects, note };
}

/** Returns the text of an approval: the same approval always makes the same text. */
export function approvalText({ by, until, plan, subjects, note }: WrittenApproval): string {
  const { caller, callerFrom } = by;
  const body = { approval: 1, by: { caller, callerFrom }, until: formatInstant(until), plan, subjects, note };
  return `${JSON.stringify(body, null, 2)}\n`;
}
