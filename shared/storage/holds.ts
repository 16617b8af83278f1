import { type CloudName, formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import type { LegalHolds, Storage } from './port.ts';

/**
 * Returns the calls about legal holds. A bucket that refused one with HOLD_NOT_OFFERED is asked for the same call no
 * more through what is returned: each later one throws the first refusal, so a run asks once a bucket, to put and to get. Where the service has no
 * legal hold, every call is refused so.
 */
export function holdsOf({ cloud, holds }: Pick<Storage, 'cloud' | 'holds'>): LegalHolds {
  if (holds !== undefined) return withRefusalsKept(holds);
  const refuse = ({ bucket }: { readonly bucket: string }): Promise<never> =>
    Promise.reject(holdsNotOffered(cloud, formatAddress(cloud, { bucket })));
  return { getHold: refuse, putHold: refuse };
}

/** Returns the error of a service that has no legal hold. @param target what was to be held */
export const holdsNotOffered = (cloud: CloudName, target: string): HoldfastError =>
  failure('HOLD_NOT_OFFERED', {
    target,
    detail: `${cloudWords[cloud].service} offers no call for it`,
  });

function withRefusalsKept(holds: LegalHolds): LegalHolds {
  const refused = new Map<string, HoldfastError>();
  const ask = async <Result>(name: string, bucket: string, call: () => Promise<Result>): Promise<Result> => {
    const asked = `${name} ${bucket}`;
    const known = refused.get(asked);
    if (known !== undefined) throw known;
    try {
      return await call();
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'HOLD_NOT_OFFERED') refused.set(asked, error);
      throw error;
    }
  };
  return {
    getHold: (at) => ask('get', at.bucket, () => holds.getHold(at)),
    putHold: (at, status, lastLook) => ask('put', at.bucket, () => holds.putHold(at, status, lastLook)),
  };
}
