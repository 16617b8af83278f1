import { refuse } from '../errors.ts';
import type { Call } from '../request.ts';
import { encode } from '../signature/request.ts';

/** Documented limit of all listings. */
const MAX_KEYS = 1000;

/**
 * Returns the `max-keys` of a request, or what the call names so.
 * @throws InvalidArgument unless it is 1 to 1000
 */
export function pageSize(call: Call, usual: number, parameter = 'max-keys'): number {
  const text = call.query.get(parameter);
  if (text === undefined || text === '') return usual;
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1 && size <= MAX_KEYS) return size;
  throw refuse('InvalidArgument', { details: { ArgumentName: parameter, ArgumentValue: text } });
}

/** Documented limit of prefixes, markers and delimiters, in bytes. */
const MAX_TEXT_BYTES = 1024;

/**
 * Returns a prefix, marker or delimiter of a listing; empty when it is not given.
 * @param ec of the refusal, where the EC pages name one
 * @throws InvalidArgument when it is longer than 1,024 bytes
 */
export function boundedText(call: Call, parameter: string, ec?: string): string {
  const text = call.query.get(parameter) ?? '';
  if (text.length <= MAX_TEXT_BYTES / 4 || Buffer.byteLength(text) <= MAX_TEXT_BYTES) return text;
  throw refuse('InvalidArgument', {
    message: `The ${parameter} must not be longer than ${MAX_TEXT_BYTES} bytes.`,
    details: { ArgumentName: parameter },
    ...(ec && { ec }),
  });
}

/**
 * Tells how the reply writes keys: as they are, or percent-encoded on `encoding-type=url`.
 * @throws InvalidArgument for any other encoding
 */
export function keyEncoding(call: Call): { readonly type: string | undefined; text(key: string): string } {
  const type = call.query.get('encoding-type');
  if (type === undefined || type === '') return { type: undefined, text: (key) => key };
  if (type === 'url') return { type, text: encode };
  throw refuse('InvalidArgument', { details: { ArgumentName: 'encoding-type', ArgumentValue: type } });
}
