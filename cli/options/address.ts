import { type Address, addressIn, type CloudName, objectIn } from '../../shared/platform/address.ts';
import type { ObjectAt } from '../../shared/storage/port.ts';
import { usage } from './usage.ts';

/**
 * Reads an address that has to be in the cloud that the command serves.
 * @param form what the command takes after the scheme, such as `bucket/key`
 * @throws USAGE, ADDRESS_SCHEME, ADDRESS_CLOUD
 */
export function readAddress(cloud: CloudName, text: string, form: string): Address {
  const address = addressIn(cloud, text);
  if (address !== undefined) return address;
  throw usage(`"${text}" is not ${cloud}://${form}`);
}

/** Reads the address of an object: see {@link readAddress}. */
export function readObjectAddress(cloud: CloudName, text: string): ObjectAt {
  const object = objectIn(cloud, text);
  if (object !== undefined) return object;
  throw usage(`"${text}" is not ${cloud}://bucket/key`);
}
