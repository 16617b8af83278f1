import { Option } from 'commander';
import type { InvokerOptions } from '../../shared/function-compute/client.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import { identityInUse } from '../credentials/in-use.ts';
import { connectionsFor } from './cloud-options.ts';
import { usage } from './usage.ts';

/** This is where the functions are, as far as the options say it. */
export interface FunctionPlace {
  readonly region: string;
  readonly account?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
}

const { env } = process;

/** @param whose account it is, for the help */
export const accountOption = (whose: string): Option =>
  new Option('--account <id>', `${whose} (ALIBABA_CLOUD_ACCOUNT_ID)`).default(
    env['ALIBABA_CLOUD_ACCOUNT_ID'] || undefined,
  );

/** Checks the id of an account, from the option or the environment: it becomes part of the address of Function Compute. @throws USAGE */
export function checkAccount(account: string | undefined): void {
  if (account === undefined || /^\d+$/.test(account)) return;
  const named = JSON.stringify(account);
  throw usage(
    `--account (ALIBABA_CLOUD_ACCOUNT_ID): expected the id of an account, in digits alone, found ${named}`,
  );
}

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
 * Tells what a client of Function Compute needs to know.
 * @throws USAGE, CONFIG_INVALID, and what {@link identityInUse} throws
 */
export async function functionAccess({
  region,
  account,
  endpoint,
  profile,
}: FunctionPlace): Promise<InvokerOptions> {
  checkAccount(account);
  const identity = await identityInUse(profile, systemClock);
  if (account === undefined && endpoint === undefined) {
    const reason =
      'give --account (ALIBABA_CLOUD_ACCOUNT_ID), or the address of Function Compute (HOLDFAST_FC_ENDPOINT)';
    throw usage(reason);
  }
  if (endpoint !== undefined && !isOfHttp(endpoint)) {
    const reason = `"${endpoint}" is no URL of http or https`;
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_FC_ENDPOINT', reason });
  }
  // An endpoint says which account it is; the client only insists on having one to put into a header.
  const connections = await connectionsFor(false);
  return { region, accountId: account ?? '0', endpoint, credentials: identity.fresh, connections };
}

const isOfHttp = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
