import { existsSync } from 'node:fs';
import * as z from 'zod';
import type { DispositionApproval } from '../../shared/disposition/records.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { readForm } from '../../shared/platform/read-form.ts';
import { dispositionFiles, hashOfFile } from './files.ts';

const count = z.int().nonnegative();
const sum = z.object({ versions: count, bytes: count });
const who = { caller: z.string() };

/** The form of certificate.json. */
const certificateForm = z.object({
  format: z.literal('holdfast.disposition.certificate/1'),
  version: z.literal(1),
  /** The hash of the plan. */
  plan: z.string(),
  madeAt: z.string(),
  planned: z.object({ ...who, at: z.string() }),
  approved: z.object({ ...who, at: z.string(), until: z.string(), reason: z.string() }),
  /** Who has looked, from when to when. */
  certified: z.object({ ...who, callerFrom: z.string(), begunAt: z.string(), at: z.string() }),
  /** True when the approval had ended before the last look. */
  late: z.boolean(),
  gone: sum,
  there: sum,
  touched: count,
  /** This is what delete.sh is. */
  script: z.enum(['approved', 'changed', 'missing']),
  /** The SHA-256 of the list, in hex. */
  list: z.string(),
});
export type Certificate = z.infer<typeof certificateForm>;

/** Returns the text of certificate.json. */
export const certificateText = (certificate: Certificate): string =>
  `${JSON.stringify(certificate, null, 2)}\n`;

/** Reads a certificate that was written before its evidence was. @throws CHECKPOINT_UNUSABLE for anything else */
export const parseCertificate = (text: string, file: string): Certificate =>
  readForm(text, certificateForm, (reason, cause) =>
    failure('CHECKPOINT_UNUSABLE', { file, reason }, { cause }),
  );

/**
 * Returns the end of a look. The clock follows the replies of the service, whose time has whole seconds, and so may go back: a look ends at
 * its beginning at the earliest.
 */
export const endOfLook = (begun: Date, now: Date): Date => (now < begun ? begun : now);

/** Returns what a certificate says of the approval. */
export const approvalOfCertificate = ({
  caller,
  at,
  until,
  reason,
}: DispositionApproval): Certificate['approved'] => ({
  caller,
  at: formatInstant(at),
  until: formatInstant(until),
  reason,
});

/** Tells whether the script that deletes is still one that was approved. @param approved the hashes of these */
export async function scriptState(
  folder: string,
  approved: ReadonlySet<string>,
): Promise<Certificate['script']> {
  const file = dispositionFiles(folder).script;
  if (!existsSync(file)) return 'missing';
  return approved.has(await hashOfFile(file)) ? 'approved' : 'changed';
}
