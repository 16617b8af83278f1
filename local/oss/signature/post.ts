import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { refuse } from '../errors.ts';
import { checkCondition, postCondition } from './post-conditions.ts';
import type { Claim, Headers, Validity } from './request.ts';
import { v4Signer } from './v4.ts';

const policyDocument = z.object({
  expiration: z.iso.datetime(),
  conditions: z.array(postCondition).min(1),
});

/** This is how many bytes the file may have. */
export interface SizeLimits {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/**
 * Tells what a form says about who signed it: V1 (`OSSAccessKeyId`, `Signature`) or V4 (`x-oss-credential`,
 * `x-oss-signature`). The string to sign is the policy as sent, in base64.
 * @param fields by lower-case name
 * @throws InvalidArgument, AccessDenied
 */
export function readPostClaim(fields: Headers, region: string): Claim {
  const { policy = '' } = fields;
  if (policy === '') {
    throw refuse('InvalidArgument', { message: 'The form has no policy.', ec: '0002-00000702' });
  }
  const validity: Validity = {
    kind: 'between',
    from: undefined,
    until: new Date(readPolicy(policy).expiration),
  };
  const securityToken = fields['x-oss-security-token'];
  if (fields['x-oss-signature-version'] === undefined) {
    return {
      accessKeyId: fields['ossaccesskeyid'] ?? '',
      signature: fields['signature'] ?? '',
      securityToken,
      validity,
      sign: (secret) => ({
        signature: createHmac('sha1', secret).update(policy).digest('base64'),
        stringToSign: policy,
      }),
    };
  }
  const [accessKeyId = '', date = '', scope] = (fields['x-oss-credential'] ?? '').split('/');
  if (fields['x-oss-signature-version'] !== 'OSS4-HMAC-SHA256' || scope !== region) {
    throw refuse('InvalidArgument', { message: 'Invalid signing scope in the form.' });
  }
  return {
    accessKeyId,
    signature: fields['x-oss-signature'] ?? '',
    securityToken,
    validity,
    sign: (secret) => ({ signature: v4Signer(secret, date, region)(policy), stringToSign: policy }),
  };
}

/** Holds a form to the conditions of its policy. @throws AccessDenied naming the condition that failed */
export function checkPostPolicy(fields: Headers, bucket: string, key: string): SizeLimits {
  let limits: SizeLimits = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };
  for (const each of readPolicy(fields['policy'] ?? '').conditions) {
    if (Array.isArray(each) && each[0] === 'content-length-range') {
      limits = { minBytes: each[1], maxBytes: each[2] };
    } else checkCondition(each, { ...fields, bucket, key });
  }
  return limits;
}

/** @throws AccessDenied */
function readPolicy(policy: string): z.infer<typeof policyDocument> {
  try {
    return policyDocument.parse(JSON.parse(Buffer.from(policy, 'base64').toString('utf8')));
  } catch {
    throw refuse('AccessDenied', { message: 'Invalid according to Policy: the policy cannot be read.' });
  }
}
