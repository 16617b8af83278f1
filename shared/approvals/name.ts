import { day } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';

/*
 * Where approvals are, below the folder of the evidence:
 *
 *   approvals/LTAI5tExample/20261206T100000Z-SHA256.json
 *             who           until when       the hash of the content
 *
 * Who comes first, so that a RAM policy can let each access key write below its own folder alone: then it is the service that says
 * whose an approval is, and not what is written in it.
 */

/** The part of the folder of evidence where approvals are. */
export const approvalsFolder = 'approvals/';

/** Returns the folder of the approvals. @param evidence the rules' `audit` */
export const approvalsIn = ({ bucket, prefix }: ObjectPrefix): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}${approvalsFolder}`,
});

/** An approval lasts no longer than this, however long it is asked for. */
export const longestApprovalMs = 90 * day;

/** The name of one approval. */
export interface ApprovalName {
  /** The access key that wrote it. */
  readonly caller: string;
  readonly until: Date;
  /** It is the hash of the content, in hex. */
  readonly sha256: string;
}

const callerForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Tells whether an access key can be a part of a name. */
export const canNameCaller = (text: string): boolean => callerForm.test(text);

/** Returns the key of an approval without the folder of the evidence. */
export const formatApprovalName = ({ caller, until, sha256 }: ApprovalName): string =>
  `${approvalsFolder}${caller}/${until.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')}-${sha256}.json`;

const form = /approvals\/([^/]+)\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-([0-9a-f]{64})\.json/;

/** Tells what a key without the folder of the evidence names; undefined for anything that is no approval. */
export function parseApprovalName(text: string): ApprovalName | undefined {
  const part = (groups: string) => text.replace(form, groups);
  const [caller, until, sha256] = [part('$1'), new Date(part('$2-$3-$4T$5:$6:$7Z')), part('$8')];
  if (!canNameCaller(caller) || Number.isNaN(until.getTime())) return undefined;
  const name = { caller, until, sha256 };
  return formatApprovalName(name) === text ? name : undefined; // no more than the form, and no date such as 31 February
}
