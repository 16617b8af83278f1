import type { Address, Reading } from '../../local/oss/address.ts';
import { refuse } from '../../local/oss/errors.ts';
import type { Signable } from '../../local/oss/signature/request.ts';
import { checkClaim, readClaim, type Verifier } from '../../local/oss/signature/verify.ts';

/** Reads and checks what a request says of its sender, without the checks that come between. @throws OssError */
export function authenticate(
  request: Signable,
  readings: readonly Reading[],
  verifier: Verifier,
): { readonly principal: string; readonly address: Address } {
  const claim = readClaim(request, verifier.region);
  if (!claim) throw refuse('AccessDenied', { message: 'Anonymous access is forbidden for this operation.' });
  return checkClaim(claim, readings, verifier);
}
