import type { Facts } from '../../shared/ram/conditions.ts';
import { evaluate, type PermissionVerdict, type Policy } from '../../shared/ram/policy.ts';
import type { Need } from '../ram/actions.ts';
import { type BucketPolicy, denies } from './bucket-policy.ts';
import { type OssError, refuse } from './errors.ts';

/**
 * Refuses a request that its sender may not make.
 * @param needs what it does; every one of it has to be allowed
 * @param facts what conditions may ask and only the body tells
 * @throws AccessDenied
 */
export type Authorize = (needs: readonly Need[], facts?: Facts) => void;

/** Who asks, and what is known of the request from the start. */
export interface Applicant {
  readonly principal: string;
  readonly accountId: string;
  readonly facts: Facts;
}

/**
 * Makes the check of one request: the policy of its sender, and the policies of the buckets that it touches, which count
 * where they deny. Without a policy everything is allowed, as to the account itself.
 */
export function authorizer(
  policy: Policy | undefined,
  policyOfBucket: (name: string) => BucketPolicy | undefined,
  applicant: () => Applicant,
): Authorize {
  return (needs, more) => {
    for (const need of needs) {
      const ofBucket = need.bucket === '' ? undefined : policyOfBucket(need.bucket);
      if (policy === undefined && ofBucket === undefined) continue;
      const asks = applicant();
      const verdict = judge(policy, ofBucket, need, { ...asks, facts: { ...asks.facts, ...more } });
      if (verdict !== 'Allow') throw denied(need, verdict, asks);
    }
  };
}

/** Judges by both policies together: the sender's has to allow, and the bucket's must not deny. */
function judge(
  policy: Policy | undefined,
  ofBucket: BucketPolicy | undefined,
  need: Need,
  asks: Applicant,
): PermissionVerdict {
  const resource = `acs:oss:*:${asks.accountId}:${path(need)}`;
  const own = policy === undefined ? 'Allow' : evaluate(policy, need.action, resource, asks.facts);
  if (own !== 'Allow' || ofBucket === undefined || mayAlways(asks, need)) return own;
  return denies(ofBucket, namesOf(asks), need.action, resource, asks.facts) ? 'ExplicitDeny' : 'Allow';
}

/** The account never locks itself out of a bucket's policy (ours; the service's rule for that is not documented). */
function mayAlways({ principal }: Applicant, { action }: Need): boolean {
  return principal.startsWith('user ') && /^oss:(Get|Put|Delete)BucketPolicy$/.test(action);
}

/** Names a sender as the policies of buckets do: the account by its id, a function by its role's session. */
export function namesOf({ principal, accountId }: Omit<Applicant, 'facts'>): string[] {
  if (principal.startsWith('user ')) return [accountId];
  const name = /^function (.*)$/s.exec(principal)?.[1];
  return name === undefined ? [] : [`arn:sts::${accountId}:assumed-role/${name}/${name}`];
}

const path = ({ bucket, key }: Need): string =>
  bucket === '' ? '*' : key === '' ? bucket : `${bucket}/${key}`;

/** Makes the refusal as the service words it (EC pages 0003-00000001 and 0003-00000201). */
function denied(need: Need, kind: 'ExplicitDeny' | 'ImplicitDeny', applicant: Applicant): OssError {
  const explicit = kind === 'ExplicitDeny';
  return refuse('AccessDenied', {
    ...(explicit && { message: 'Access denied by bucket policy.' }),
    ec: explicit ? '0003-00000201' : '0003-00000001',
    details: {
      AccessDeniedDetail: {
        PolicyType: 'AccountLevelIdentityBasedPolicy',
        AuthPrincipalOwnerId: applicant.accountId,
        AuthPrincipalType: 'AssumedRoleUser',
        AuthPrincipalDisplayName: applicant.principal,
        NoPermissionType: kind,
        AuthAction: need.action,
      },
    },
  });
}

/** Tells what conditions may ask about a request before its body is read. The embedded cloud speaks plain HTTP. */
export function factsOf(query: ReadonlyMap<string, string>, sourceIp: string | undefined): Facts {
  const [prefix, delimiter] = [query.get('prefix'), query.get('delimiter')];
  return {
    'acs:SecureTransport': false,
    ...(sourceIp !== undefined && { 'acs:SourceIp': sourceIp }),
    ...(prefix !== undefined && { 'oss:Prefix': prefix }),
    ...(delimiter !== undefined && { 'oss:Delimiter': delimiter }),
  };
}
