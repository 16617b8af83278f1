import { type Address, addressIn, type CloudName, objectIn } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import type { ObjectAt } from '../../shared/storage/port.ts';

/**
 * Reads an address that has to be in the cloud that the command serves.
 * @param form what the command takes after the scheme, such as `bucket/key`
 * @throws USAGE, ADDRESS_SCHEME, ADDRESS_CLOUD
 */
export function readAddress(cloud: CloudName, text: string, form: string, command: string): Address {
  const address = addressIn(cloud, text);
  if (address !== undefined) return address;
  throw failure('USAGE', { reason: `"${text}" is not ${cloud}://${form}`, command });
}

/** Reads the address of an object: see {@link readAddress}. */
export function readObjectAddress(cloud: CloudName, text: string, command: string): ObjectAt {
  const object = objectIn(cloud, text);
  if (object !== undefined) return object;
  throw failure('USAGE', { reason: `"${text}" is not ${cloud}://bucket/key`, command });
}
