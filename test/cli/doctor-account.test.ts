import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { standInAccount, standInId } from '../support/aliyun.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { holdfastCloud } from '../support/holdfast-cloud.ts';

const answers = [
  ...['--region', 'cn-hangzhou', '--object-bucket', 'fin-eu', '--archive-bucket', 'archive-1'],
  ...['--keep', '7y', '--max', '10y', '--dead-letters', 'oss://my-letters/dead/'],
  ...['--audit', 'oss://my-evidence/audit/'],
];
const report = z.object({
  findings: z.array(
    z.object({
      check: z.string(),
      about: z.string(),
      status: z.string(),
      message: z.string(),
      code: z.string().optional(),
    }),
  ),
});

describe('holdfast doctor --before-deploy', () => {
  it('is content once the script has made everything, and names with a code and a command what is taken away', async () => {
    const cwd = folderWith({});
    expect(await runCli(['init', ...answers], { cwd })).toMatchObject({ code: 0 });
    const cloud = await holdfastCloud(readFileSync(join(cwd, 'rules.yaml'), 'utf8'));
    await createRetentionBucket(cloud.url, 'fin-eu');
    for (const bucket of ['my-letters', 'my-evidence', 'archive-1'])
      await plainClient(cloud.url, bucket).putBucket(bucket);
    await plainClient(cloud.url, 'archive-1').initiateBucketWorm('archive-1', '2557');
    const account = standInAccount();
    account.put('buckets/fin-eu', '');
    const env = { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url, ...account.env };
    const doctor = async () => {
      const args = ['doctor', '--before-deploy', '--json', '--account', standInId];
      const { code, stdout } = await runCli(args, { cwd, env });
      const { findings } = report.parse(JSON.parse(stdout));
      const odd = findings.filter(({ status }) => status !== 'ok');
      return { code, odd: odd.map(({ check, about, code: each }) => `${check} ${about} ${each}`), findings };
    };

    const before = await doctor();
    expect(before.code).toBe(1);
    expect(before.odd).toContain('live role holdfast-object-created ROLE_MISSING');
    expect(before.odd).toContain(`log project holdfast-${standInId}/functions LOG_PROJECT_MISSING`);

    expect(account.run(readFileSync(join(cwd, 'setup.sh'), 'utf8')).status).toBe(0);
    expect(await doctor()).toMatchObject({ code: 0, odd: [] });

    const role = 'live role holdfast-object-created';
    const policy = account.read('policies/holdfast-object-created.v1');
    const place = join(cwd, 's.yaml');
    const text = readFileSync(place, 'utf8');
    const cases: readonly (readonly [string, () => void, () => void])[] = [
      [
        `${role} ROLE_LACKS`,
        () =>
          account.put(
            'policies/holdfast-object-created.v1',
            policy.replace(/functions\/holdfast-dead-letter"/, 'x"'),
          ),
        () => account.put('policies/holdfast-object-created.v1', policy),
      ],
      [
        `log project holdfast-${standInId}/functions LOG_PROJECT_FOREIGN`,
        () => account.put('faults', 'sls GetProject Unauthorized\n'),
        () => account.put('faults', ''),
      ],
      [
        `log project holdfast-${standInId}/functions LOGSTORE_MISSING`,
        () => account.put('faults', 'sls GetLogStore LogStoreNotExist\n'),
        () => account.put('faults', ''),
      ],
      [
        's.yaml s.yaml COMPONENT_UNPINNED',
        () => writeFileSync(place, text.replace('fc3@0.1.22', 'fc3')),
        () => writeFileSync(place, text),
      ],
    ];
    for (const [line, damage, undo] of cases) {
      damage();
      const { code, odd } = await doctor();
      expect({ line, code, odd }).toEqual({ line, code: 1, odd: [line] });
      undo();
    }
    /** Takes the denial of writes among the matters out of a policy. */
    const withoutDenial = (json: string): string => {
      const document = JSON.parse(json);
      const isKept = (statement: object) =>
        !JSON.stringify(statement).includes('"Deny","Action":["oss:PutObject"]');
      return JSON.stringify({ ...document, Statement: document.Statement.filter(isKept) });
    };
    account.put('policies/holdfast-object-created.v1', withoutDenial(policy));
    const file = join(cwd, 'ram', 'policy-timer.json');
    const shipped = readFileSync(file, 'utf8');
    writeFileSync(file, withoutDenial(shipped));
    const undenied = await doctor();
    expect(undenied).toMatchObject({
      code: 0,
      odd: ['role ram/policy-timer.json undefined', `${role} undefined`],
    });
    for (const { status, message } of undenied.findings)
      if (status === 'warning') expect(message).toContain('may write records of matters');
    account.put('policies/holdfast-object-created.v1', policy);
    writeFileSync(file, shipped);

    const trust = account.read('roles/holdfast-trigger');
    account.put('roles/holdfast-trigger', trust.replace('oss.', 'ecs.'));
    const untrusted = await doctor();
    expect(untrusted.odd).toEqual(['live role holdfast-trigger ROLE_UNTRUSTED']);
  });
});
