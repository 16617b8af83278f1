import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { refuseAccess, settingsIn } from '../../../local/fc/access.ts';
import { parsePolicy } from '../../../shared/ram/policy.ts';
import { capturedAccount, readFcCaptures } from '../../support/fc-captures.ts';

const place = { region: 'cn-hangzhou', accountId: capturedAccount };
const shipped = readFileSync('ram/deployer.json', 'utf8')
  .replaceAll('ACCOUNT', capturedAccount)
  .replaceAll('REGION', place.region);
const policyOf = (text: string) => () => parsePolicy(text, 'deployer.json');

const calls = ['deploy-first', 'bucket-changed']
  .flatMap(readFcCaptures)
  .filter(({ form }) => form === 'ACS3')
  .map(({ method, url, body }) => {
    const [path = ''] = url.split('?', 1);
    return { accessKeyId: '', method, parts: path.split('/').slice(2), settings: () => settingsIn(body) };
  });

describe('the policy of the deployer', () => {
  test('is enough for every call of the real deployment', () => {
    const refused = calls.map((call) => refuseAccess({ place, policyOf: policyOf(shipped) }, call));
    expect(calls.length).toBeGreaterThan(50);
    expect(refused.filter((refusal) => refusal !== undefined)).toEqual([]);
  });

  test('lets it touch no function of another name', () => {
    const others = shipped.replaceAll('functions/holdfast-', 'functions/other-');
    for (const call of calls) {
      const refused = refuseAccess({ place, policyOf: policyOf(others) }, call);
      expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' });
    }
  });

  test('is needed for each kind of call: without its action it is refused', () => {
    const actions = new Set([...shipped.matchAll(/"((?:fc|ram):\w+)"/g)].map(([, action = '']) => action));
    for (const action of actions) {
      if (action === 'fc:ListTriggers' || action === 'fc:DeleteTrigger') continue; // for doctor, and for an old trigger
      const without = policyOf(shipped.replace(`"${action}"`, '"fc:Nothing"'));
      const refused = calls.filter((call) => refuseAccess({ place, policyOf: without }, call) !== undefined);
      expect(refused.length, action).toBeGreaterThan(0);
    }
  });

  test('lets it hand on no role of another name', () => {
    const role = `acs:ram::${capturedAccount}:role/administrator`;
    const bodies: [method: string, path: string, body: object][] = [
      ['POST', 'functions', { functionName: 'holdfast-x', role }],
      ['PUT', 'functions/holdfast-x', { role }],
      ['POST', 'functions/holdfast-x/triggers', { invocationRole: role }],
      ['PUT', 'functions/holdfast-x/triggers/t', { invocationRole: role }],
    ];
    for (const [method, path, body] of bodies) {
      const call = (text: string) =>
        refuseAccess(
          { place, policyOf: policyOf(shipped) },
          { accessKeyId: '', method, parts: path.split('/'), settings: () => settingsIn(text) },
        );
      expect(call(JSON.stringify(body))).toMatchObject({
        status: 403,
        message: `the caller is not authorized to perform ram:PassRole on ${role}`,
      });
      const own = JSON.stringify(body).replace('administrator', 'holdfast-own');
      expect(call(own), own).toBeUndefined();
    }
  });
});

test.each(['', '[', '3', 'null', '{"functionName":1,"role":""}', '{"role":{"a":1}}'])(
  'a body such as %j names no function and no role',
  (body) => {
    expect(settingsIn(body)).toEqual({ functionName: '*', roles: [] });
  },
);
