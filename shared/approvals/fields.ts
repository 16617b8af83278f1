import type { Approval } from './types.ts';

/** Returns what the record of an act says of its approval; nothing where none was needed. */
export const approvalRecord = (approval: Approval | undefined): Readonly<Record<string, string>> =>
  approval === undefined ? {} : { approvedBy: approval.caller, approval: approval.file };
