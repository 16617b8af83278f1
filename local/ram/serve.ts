import type { IncomingMessage, ServerResponse } from 'node:http';
import { evaluate, type Policy } from '../../shared/ram/policy.ts';
import { keyIdOf, refuseSignature } from '../fc/signature.ts';
import type { FcVerifier, Refusal } from '../fc/signature-refusal.ts';
import { readBody, sendJson } from '../http.ts';
import { type RamAnswer, ramVersion } from './api.ts';
import type { RamParameters } from './call.ts';

interface RamServerOptions extends FcVerifier {
  readonly accountId: string;
  policyOf(accessKeyId: string): Policy | undefined;
  call(action: string, parameters: RamParameters): RamAnswer;
}

const largestBody = 1024 * 1024;

/** Tells if a request is one of RAM's API: an RPC call with its name in a header. */
export const isRamRequest = ({ headers, url = '' }: IncomingMessage): boolean =>
  headers['x-acs-version'] === ramVersion && /^\/(?:\?|$)/.test(url);

/** The codes of the gateway of Alibaba's RPC APIs, where Function Compute has codes of its own. */
const gatewayCodes: Readonly<Record<string, readonly [status: number, code: string]>> = {
  SignatureNotMatch: [400, 'SignatureDoesNotMatch'],
  InvalidAccessKeyID: [404, 'InvalidAccessKeyId.NotFound'],
};

/** Serves RAM's API, signed with ACS3-HMAC-SHA256, with the parameters in the query or in a form. */
export function createRamServer({ accountId, policyOf, call, ...verifier }: RamServerOptions) {
  const denied = (accessKeyId: string, action: string, parameters: RamParameters): Refusal | undefined => {
    const policy = policyOf(accessKeyId);
    if (policy === undefined) return undefined;
    const { RoleName, PolicyName } = parameters;
    const target = RoleName ? `role/${RoleName}` : PolicyName ? `policy/${PolicyName}` : '*';
    const resource = `acs:ram:*:${accountId}:${target}`;
    if (evaluate(policy, `ram:${action}`, resource, {}) === 'Allow') return undefined;
    const message = `You are not authorized to do this action. Resource: ${resource} Action: ram:${action}`;
    return { status: 403, code: 'NoPermission', message };
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers, url = '' } = request;
    const [path = '', query = ''] = url.split('?', 2);
    const body = await readBody(request, largestBody);
    const action = String(headers['x-acs-action']);
    const isForm = /^application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? '');
    const parameters = Object.fromEntries([
      ...new URLSearchParams(query),
      ...new URLSearchParams(isForm ? body?.toString('utf8') : ''),
    ]);
    const refusal =
      refuseSignature({ method, path, query, headers, body }, verifier) ??
      denied(keyIdOf(headers), action, parameters);
    if (!refusal) {
      const answer = call(action, parameters);
      return sendJson(response, answer.status, answer.body);
    }
    const [status, Code] = gatewayCodes[refusal.code] ?? [refusal.status, refusal.code];
    sendJson(response, status, { Code, Message: refusal.message });
  };
}
