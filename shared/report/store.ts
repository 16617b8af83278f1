import { formatAddress } from '../platform/address.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectStore } from '../storage/port.ts';

/** The part of the rules' folder of dead letters where reports are kept, one object each, by their time. */
const reportsFolder = 'reports/';

/**
 * Keeps a report beside the dead letters: `reports/2026/11/20261120T100000Z.json`.
 * @param folder the rules' `deadLetters`
 * @param at the instant that it is about, in whole seconds
 * @returns its URL
 * @throws what writing throws
 */
export async function storePosture(
  storage: Pick<ObjectStore, 'cloud' | 'writeText'>,
  { bucket, prefix }: ObjectPrefix,
  at: Date,
  text: string,
): Promise<string> {
  const time = at.toISOString();
  const month = time.slice(0, -17).replace('-', '/');
  const key = `${prefix}${reportsFolder}${month}/${time.slice(0, -5).replace(/[-:]/g, '')}Z.json`;
  await storage.writeText({ bucket, key }, text);
  return formatAddress(storage.cloud, { bucket, key });
}
