import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../shared/platform/clock.ts';
import { embeddedObs } from '../shared/storage/obs/harness.ts';
import { folderWith, runCli } from '../support/cli.ts';

it('doctor --cloud obs compares main.tf.json with the rules, and names what is missing there', async () => {
  const obs = await embeddedObs('127.0.0.1', () => systemClock.now());
  onTestFinished(() => obs.close());
  for (const bucket of ['fin-eu', 'fin-us', 'my-letters', 'my-evidence'])
    await obs.createBucket(bucket, { versioning: 'Enabled' });
  const cwd = folderWith({});
  const init = [
    ...['init', '--cloud', 'obs', '--region', 'cn-north-4', '--object-bucket', 'fin-eu'],
    ...['--keep', '7y', '--max', '10y', '--dead-letters', 'obs://my-letters/dead/'],
    ...['--audit', 'obs://my-evidence/audit/', '--inventory-bucket', 'lists'],
  ];
  expect(await runCli(init, { cwd })).toMatchObject({ code: 0 });
  const env = {
    HOLDFAST_OBS_ENDPOINT: obs.endpoint,
    OBS_ACCESS_KEY_ID: 'holdfast',
    OBS_SECRET_ACCESS_KEY: 'holdfast-secret',
  };
  const doctor = async () => {
    const { stdout } = await runCli(['doctor', '--cloud', 'obs'], { cwd, env });
    return stdout.split('\n').filter((line) => /^\S.* (?:agency|uploads|main\.tf\.json)\b/.test(line));
  };
  const place = join(cwd, 'main.tf.json');
  const text = readFileSync(place, 'utf8');
  /** Returns what doctor says once something in the file is replaced; lines that are ok are left out. */
  const after = async (what: string, by: string) => {
    const changed = text.replaceAll(what, by);
    expect(changed).not.toBe(text);
    writeFileSync(place, changed);
    const said = await doctor();
    writeFileSync(place, text);
    return said.filter((line) => !line.startsWith('ok'));
  };

  const lines = await doctor();
  expect(lines.map((line) => line.replace(/ +/g, ' ').split(':')[0])).toEqual([
    'ok uploads fin-eu',
    ...['dead-letter', 'protect-existing', 'policy-timer', 'object-created'].map(
      (name) => `ok agency ${name}`,
    ),
  ]);
  const tagging = await after('obs:object:GetObjectVersionTagging', 'obs:object:GetObjectAcl');
  expect(tagging).toHaveLength(3);
  expect(tagging[0]).toMatch(/^failure +agency .* does not allow obs:object:GetObjectVersionTagging on obs:/);
  const undenied = await after('\\"Effect\\":\\"Deny\\"', '\\"Effect\\":\\"Allow\\"');
  expect(undenied).toHaveLength(3);
  expect(undenied[0]).toMatch(/^warning +agency .*: may write records of matters or approvals/);
  // Region and account of a policy are those that it is deployed to.
  expect(await after('obs:*:*:object:', 'obs:cn-north-4:DOMAIN:object:')).toEqual([]);
  const foreign = await after('.zip', '-of-mine.zip');
  expect(foreign.join('\n')).toMatch(/^not checked +agency main\.tf\.json: it deploys no function/m);
  expect(await after('\\"bucket\\" = \\"fin-eu\\"', '\\"bucket\\" = \\"hr\\"')).toEqual([
    expect.stringMatching(/^failure +uploads fin-eu: no trigger in main\.tf\.json brings them/),
  ]);

  const rules = join(cwd, 'rules.yaml');
  writeFileSync(rules, readFileSync(rules, 'utf8').replace(/bucket: .*fin-eu.*/, 'bucket: fin-*'));
  const another = await doctor();
  expect(another.join('\n')).toMatch(/^failure +uploads fin-us: no trigger/m);
  expect(another.join('\n')).toMatch(/^failure +agency object-created: .* on obs:\*:\*:object:fin-us\/\*/m);

  writeFileSync(place, '{');
  expect((await doctor()).join('\n')).toMatch(/^failure +agency: 1 mistake in main\.tf\.json/m);
  rmSync(place);
  expect(await doctor()).toEqual([
    expect.stringMatching(/^not checked +agency main\.tf\.json: is not there/),
  ]);
});
