import { refuseObs } from '../errors.ts';
import type { ObsCall } from '../operation.ts';

const mostKeys = 1000;

/** Returns the `max-keys` of a listing; 1000 when it is not given or is more. @throws InvalidArgument */
export function obsPageSize(call: ObsCall): number {
  const text = call.query.get('max-keys') ?? '';
  if (text === '') return mostKeys;
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1) return Math.min(size, mostKeys);
  throw refuseObs('InvalidArgument', { details: { ArgumentName: 'max-keys', ArgumentValue: text } });
}
