import { Option } from 'commander';
import type { InvokerOptions } from '../shared/invoke/client.ts';
import { failure } from '../shared/platform/errors.ts';
import { readCredentials } from './cloud-options.ts';

/** Where the functions are, as far as the options say it. */
export interface FunctionPlace {
  readonly region: string;
  readonly account?: string | undefined;
  readonly endpoint?: string | undefined;
}

const { env } = process;

/** @param whose account it is, for the help */
export const accountOption = (whose: string): Option =>
  new Option('--account <id>', `${whose} (ALIBABA_CLOUD_ACCOUNT_ID)`).default(
    env['ALIBABA_CLOUD_ACCOUNT_ID'] || undefined,
  );

/**
 * @param flag `--fc-endpoint` where `--endpoint` is the address of OSS
 * @param when it counts, for the help
 */
export const addressOption = (flag: '--endpoint' | '--fc-endpoint', when = ''): Option =>
  new Option(
    `${flag} <url>`,
    `${when}address of Function Compute (HOLDFAST_FC_ENDPOINT; default: the account's in the region)`,
  ).default(env['HOLDFAST_FC_ENDPOINT'] || undefined);

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
