import { refuse } from '../errors.ts';
import type { Call } from '../request.ts';
import type { Bucket, Encryption } from '../state.ts';

const ALGORITHM = 'x-oss-server-side-encryption';
const DATA = 'x-oss-server-side-data-encryption';
const KEY = 'x-oss-server-side-encryption-key-id';

/** Headers of server-side encryption, which are kept and said again. Nothing is encrypted. */
export const encryptionHeaders = [ALGORITHM, DATA, KEY];

/** The id that stands for the account's own key, where a request with KMS names none. */
const OWN_KEY = 'embedded-kms-default-key';

/**
 * Returns the encryption that an upload asks for, or else its bucket's.
 * @throws InvalidEncryptionAlgorithmError, InvalidArgument
 */
export function readEncryption(call: Call, bucket: Bucket): Encryption | undefined {
  const algorithm = call.headers[ALGORITHM];
  const data = call.headers[DATA];
  const keyId = call.headers[KEY];
  if (algorithm === undefined && keyId === undefined) return bucket.encryption;
  return checkEncryption(algorithm ?? '', data, keyId);
}

/**
 * Checks an encryption and returns what counts of it: the algorithm of data only with KMS (asserted by oss2's suite).
 * @throws InvalidEncryptionAlgorithmError; InvalidArgument for a key without KMS, or an unknown algorithm of data with it
 */
export function checkEncryption(algorithm: string, data?: string, keyId?: string): Encryption {
  if (algorithm !== 'AES256' && algorithm !== 'KMS' && algorithm !== 'SM4') {
    throw refuse('InvalidEncryptionAlgorithmError');
  }
  if (algorithm !== 'KMS') {
    if (keyId) throw refuse('InvalidArgument', { details: { ArgumentName: KEY, ArgumentValue: keyId } });
    return { algorithm };
  }
  if (data && data !== 'SM4') {
    throw refuse('InvalidArgument', { details: { ArgumentName: DATA, ArgumentValue: data } });
  }
  return { algorithm, keyId: keyId || OWN_KEY, ...(data && { dataEncryption: 'SM4' }) };
}

/** @throws InvalidArgument where they come with a part or at the end of an upload, which has them from its beginning */
export function refuseEncryption(call: Call): void {
  const name = encryptionHeaders.find((each) => call.headers[each] !== undefined);
  if (name === undefined) return;
  throw refuse('InvalidArgument', { details: { ArgumentName: name, ArgumentValue: call.headers[name] } });
}

/** Returns the headers of a reply that say how an object or upload is encrypted. */
export function writeEncryption(encryption: Encryption | undefined): Record<string, string> {
  if (!encryption) return {};
  const { algorithm, keyId, dataEncryption } = encryption;
  return {
    [ALGORITHM]: algorithm,
    ...(dataEncryption && { [DATA]: dataEncryption }),
    ...(keyId && { [KEY]: keyId }),
  };
}
