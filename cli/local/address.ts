import { type Address, addressIn, isCloudName, schemeOf } from '../../shared/platform/address.ts';
import { usage } from '../options/usage.ts';

/**
 * Takes an address of the embedded OSS apart; undefined when the text has no scheme.
 * @param operation that takes it, for the message
 * @throws USAGE for OBS, ADDRESS_SCHEME
 */
export function readLocalAddress(text: string, operation: string): Address | undefined {
  if (schemeOf(text) === 'obs') {
    const other = '`holdfast local --cloud obs --upload URL` makes a bucket and uploads an object there';
    throw usage(`${text}: ${operation} is not offered on obs://; ${other}`);
  }
  const address = addressIn('oss', text);
  if (address === undefined && text.startsWith('oss://')) throw usage(`${text} names no bucket`);
  return address;
}

/**
 * Takes an address of any embedded cloud apart.
 * @throws USAGE, ADDRESS_SCHEME
 */
export function readLocalPlace(text: string): Address {
  const scheme = schemeOf(text);
  const cloud = scheme !== undefined && isCloudName(scheme) ? scheme : 'oss';
  const address = addressIn(cloud, text);
  if (address === undefined) throw usage(`${JSON.stringify(text)} is not ${cloud}://bucket/prefix`);
  return address;
}
