import { accountErrors } from './error-table/account.ts';
import { approvalErrors } from './error-table/approvals.ts';
import { bucketErrors } from './error-table/buckets.ts';
import { commandErrors } from './error-table/command-line.ts';
import { credentialErrors } from './error-table/credentials.ts';
import { deadLetterErrors } from './error-table/dead-letters.ts';
import { embeddedCloudErrors } from './error-table/embedded-cloud.ts';
import { eventErrors } from './error-table/events.ts';
import { existingObjectErrors } from './error-table/existing-objects.ts';
import { functionErrors } from './error-table/functions.ts';
import { matterErrors } from './error-table/matters.ts';
import { objectErrors } from './error-table/objects.ts';
import { rulesErrors } from './error-table/rules.ts';
import { serviceErrors } from './error-table/service.ts';

/**
 * Every error that Holdfast reports: what happened, what to do about it, and whether trying again can help. Each area has a file
 * of its own. Names in braces are filled in from the parameters given to `failure` (errors.ts); `{count|one|many}` is the word that goes
 * with the number `count`.
 */
export const errorTable = {
  ...rulesErrors,
  ...eventErrors,
  ...deadLetterErrors,
  ...objectErrors,
  ...bucketErrors,
  ...approvalErrors,
  ...matterErrors,
  ...serviceErrors,
  ...functionErrors,
  ...existingObjectErrors,
  ...credentialErrors,
  ...commandErrors,
  ...accountErrors,
  ...embeddedCloudErrors,
};
