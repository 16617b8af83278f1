import type { Facts } from '../../shared/ram/conditions.ts';
import { evaluate, type Policy } from '../../shared/ram/policy.ts';
import type { Need } from '../ram/actions.ts';
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

/** Makes the check of one request. Without a policy everything is allowed, as to the account itself. */
export function authorizer(policy: Policy | undefined, applicant: () => Applicant): Authorize {
  if (policy === undefined) return () => undefined;
  return (needs, more) => {
    const asks = applicant();
    for (const need of needs) {
      const resource = `acs:oss:*:${asks.accountId}:${path(need)}`;
      const verdict = evaluate(policy, need.action, resource, { ...asks.facts, ...more });
      if (verdict !== 'Allow') throw denied(need, verdict, asks);
    }
  };
}

const path = ({ bucket, key }: Need): string =>
  bucket === '' ? '*' : key === '' ? bucket : `${bucket}/${key}`;

/** As the service words it (EC pages 0003-00000001 and 0003-00000201). */
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

/** What conditions may ask about a request before its body is read. The embedded cloud speaks plain HTTP. */
export function factsOf(query: ReadonlyMap<string, string>, sourceIp: string | undefined): Facts {
  const [prefix, delimiter] = [query.get('prefix'), query.get('delimiter')];
  return {
    'acs:SecureTransport': false,
    ...(sourceIp !== undefined && { 'acs:SourceIp': sourceIp }),
    ...(prefix !== undefined && { 'oss:Prefix': prefix }),
    ...(delimiter !== undefined && { 'oss:Delimiter': delimiter }),
  };
}
