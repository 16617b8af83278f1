import { expect, it } from 'vitest';
import { createPlainBucket, createVersionedBucket, uploadLocal } from '../../cli/local/store.ts';
import { endpointIn } from '../../cli/world/all-regions.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { afterLockAge } from '../support/policy-world.ts';
import { twoRegions } from '../support/two-regions.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: records, match: { bucket: "*-records" }, retain: 1y }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 365, lock: { after: 20h } } }
`;

/** A policy that nobody has locked in each region, and a bucket with an object that nobody has protected. */
async function world() {
  const regions = await twoRegions(new Date('2026-11-20T10:00:00Z'));
  for (const [cloud, name] of [
    [regions.here, 'here'],
    [regions.there, 'there'],
  ] as const) {
    const transport = regions.transportTo(cloud);
    await createPlainBucket(transport, `archive-${name}`);
    await createVersionedBucket(transport, `${name}-records`);
    const storage = storageOver(transport);
    await storage.policies.initiatePolicy(`archive-${name}`, 365);
    await storage.putObjectWorm(`${name}-records`, {});
    await uploadLocal(transport, `${name}-records`, { key: 'a', body: Buffer.from('a'), tags: {} });
  }
  const options = { cwd: folderWith({ 'rules.yaml': rules }), env: cloudEnvironment(regions.url) };
  const run = (...args: string[]) => runCli(args, options);
  const json = async (...args: string[]) => {
    const { code, stdout } = await run(...args, '--json');
    return { code, ...JSON.parse(stdout) };
  };
  return { ...regions, run, json };
}

const home = { region: 'cn-hangzhou', buckets: ['archive-here', 'here-records'], error: null };
const other = { region: 'cn-shanghai', buckets: ['archive-there', 'there-records'] };

it('plan and apply look at every region, and lock each policy in its own', async () => {
  const { here, there, run, json, transportTo } = await world();
  expect(await json('plan')).toMatchObject({ code: 0, troubles: [{ code: 'BUCKET_ELSEWHERE' }] });
  for (const cloud of [here, there]) await cloud.advance(afterLockAge);
  const plan = await json('plan', '--all-regions', '--out', 'plan.json');
  expect(plan).toMatchObject({ code: 0, region: 'cn-hangzhou, cn-shanghai', troubles: [] });
  expect(plan.steps).toMatchObject([{ bucket: 'archive-here' }, { bucket: 'archive-there' }]);
  expect(plan.regions).toEqual([home, { ...other, error: null }]);
  expect((await run('apply', 'plan.json', '--yes')).stderr).toContain('PLAN_CHANGED');
  expect(await json('apply', 'plan.json', '--yes', '--all-regions')).toMatchObject({
    code: 0,
    results: [{ ok: true }, { ok: true }],
  });
  for (const [cloud, bucket] of [
    [here, 'archive-here'],
    [there, 'archive-there'],
  ] as const) {
    const { policies } = storageOver(transportTo(cloud));
    expect(await policies.getPolicy(bucket)).toMatchObject({ state: 'Locked' });
  }
});

it('report and doctor tell of every region', async () => {
  const { json, run } = await world();
  const report = await json('report', '--all-regions', '--qps', '500');
  expect(report).toMatchObject({ code: 1, verdict: 'not-protected', troubles: [] });
  expect(report.versions.versions).toBe(2);
  expect(report.regions).toEqual([home, { ...other, error: null }]);
  expect((await run('report', '--all-regions')).stdout).toContain('region cn-shanghai: 2 buckets');
  const { findings } = await json('doctor', '--all-regions', '--before-deploy');
  const regionOf = (about: string) =>
    findings
      .filter((one: { about: string }) => one.about === about)
      .map((one: { region?: string }) => one.region);
  expect(new Set(regionOf('here-records'))).toEqual(new Set(['cn-hangzhou']));
  expect(new Set(regionOf('there-records'))).toEqual(new Set(['cn-shanghai']));
  expect(findings.filter(({ check }: { check: string }) => check === 'rules')).toHaveLength(1);
});

it('a region that fails hides no other, is named, and makes the exit code 1', async () => {
  const { refuseThere, json, run } = await world();
  refuseThere();
  const error = { code: expect.stringMatching(/^[A-Z_]+$/) };
  const plan = await json('plan', '--all-regions');
  expect(plan).toMatchObject({
    code: 1,
    steps: [{ bucket: 'archive-here' }],
    regions: [home, { ...other, error }],
  });
  expect(await json('plan', '--all-regions', '--detailed-exitcode')).toMatchObject({ code: 1 });
  expect((await run('plan', '--all-regions')).stdout).toMatch(
    /region cn-shanghai: 2 buckets; failed: [A-Z_]+: /,
  );
  const report = await json('report', '--all-regions');
  expect(report).toMatchObject({ code: 1, regions: [home, { ...other, error }] });
  expect(report.versions.versions).toBe(1);
  const doctor = await json('doctor', '--all-regions', '--before-deploy');
  expect(doctor.code).toBe(1);
  expect(doctor.findings).toContainEqual(
    expect.objectContaining({ about: 'here-records', status: 'ok', region: 'cn-hangzhou' }),
  );
  expect(doctor.findings).toContainEqual(
    expect.objectContaining({ about: 'there-records', status: 'failure', region: 'cn-shanghai' }),
  );
});

it('validate --live looks at the buckets of every region', async () => {
  const { json, run, refuseThere } = await world();
  const checked = await json('validate', '--live', '--all-regions');
  expect(checked).toMatchObject({ code: 0, ok: true, mistakes: [] });
  expect(checked.live).toContainEqual(
    expect.objectContaining({ check: 'versioning', about: 'there-records', region: 'cn-shanghai' }),
  );
  refuseThere();
  const refused = await run('validate', '--live', '--all-regions');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stdout).toMatch(/failure +versioning there-records \[cn-shanghai\]/);
  expect(refused.stdout).toMatch(/ok +versioning here-records \[cn-hangzhou\]/);
  expect(await run('validate', '--all-regions')).toMatchObject({ code: 2 });
});

it('an address of one region is not asked about another', () => {
  const options = { cloud: 'oss', region: 'cn-hangzhou' } as const;
  const at = (endpoint: string | undefined) => endpointIn({ ...options, endpoint }, 'cn-shanghai');
  expect(at(undefined)).toBeUndefined();
  expect(at('https://oss-{region}.aliyuncs.com')).toBe('https://oss-{region}.aliyuncs.com');
  expect(at('http://127.0.0.1:9000')).toBe('http://127.0.0.1:9000');
  expect(() => at('https://oss-cn-hangzhou.aliyuncs.com')).toThrow('{region}');
});
