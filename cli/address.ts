import { type Address, addressIn, type CloudName, objectIn } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import type { ObjectAt } from '../shared/storage/port.ts';

/** The cloud that the commands serve. */
export const servedCloud: CloudName = 'oss';

/**
 * Reads an address that has to be in the cloud that is served.
 * @param form what the command takes, such as `oss://bucket/key`
 * @throws USAGE, ADDRESS_SCHEME, ADDRESS_CLOUD
 */
export function readAddress(text: string, form: string, command: string): Address {
  const address = addressIn(servedCloud, text);
  if (address !== undefined) return address;
  throw failure('USAGE', { reason: `"${text}" is not ${form}`, command });
}

/** Reads the address of an object: see {@link readAddress}. */
export function readObjectAddress(text: string, command: string): ObjectAt {
  const object = objectIn(servedCloud, text);
  if (object !== undefined) return object;
  throw failure('USAGE', { reason: `"${text}" is not oss://bucket/key`, command });
}
