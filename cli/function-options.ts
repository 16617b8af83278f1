import type { InvokerOptions } from '../shared/invoke/fc2.ts';
import { failure } from '../shared/platform/errors.ts';
import { readCredentials } from './cloud-options.ts';

/** Where the functions are, as far as the options say it. */
export interface FunctionPlace {
  readonly region: string;
  readonly account?: string | undefined;
  readonly endpoint?: string | undefined;
}

/**
 * What a client of Function Compute needs to know.
 * @param command for messages
 * @throws USAGE, CONFIG_INVALID, CREDENTIALS_MISSING
 */
export function functionAccess(
  { region, account, endpoint }: FunctionPlace,
  command: string,
): InvokerOptions {
  const credentials = readCredentials();
  if (account === undefined && endpoint === undefined) {
    const reason =
      'give --account (ALIBABA_CLOUD_ACCOUNT_ID), or the address of Function Compute (HOLDFAST_FC_ENDPOINT)';
    throw failure('USAGE', { reason, command });
  }
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_FC_ENDPOINT', reason: `"${endpoint}" is no URL` });
  }
  // An endpoint says which account it is; the client only insists on having one to put into a header.
  return { region, accountId: account ?? '0', endpoint, credentials };
}
