import { expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import type { DoctorFinding } from '../../shared/doctor/finding.ts';
import { readMattersIn } from '../../shared/matters/read-loaded.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { holdTestWorld, killedAt } from '../support/hold-world.ts';

it('doctor names the open matters, since when and by whom, and what cannot be read of them', async () => {
  const { cloud, folder, storage, upload, open, release } = await holdTestWorld(['fin-1']);
  await upload('fin-1', 'a');
  const matters = async (): Promise<readonly DoctorFinding[]> => {
    const options = { cwd: folder, env: cloudEnvironment(cloud.url) };
    const { stdout } = await runCli(['doctor', '--json'], options);
    const { findings }: { findings: readonly DoctorFinding[] } = JSON.parse(stdout);
    return findings.filter(({ check }) => check === 'matter');
  };
  const place = { check: 'matter', about: 'oss://evidence/decisions/matters/' };
  expect(await matters()).toEqual([{ ...place, status: 'ok', message: 'none is open' }]);

  await open('case-1', {});
  await cloud.advance(60_000);
  await open('case-2', {}, killedAt('fin-1')).catch(() => undefined);
  const { all } = await readMattersIn({ bucket: 'evidence', prefix: 'decisions/' }, storage);
  const [since, later] = all.map(({ openings: [{ opened: first }] }) => formatInstant(first.at));
  const opened = [
    { check: 'matter', about: 'case-1', status: 'ok', message: `open since ${since} by LTAIexample` },
    {
      ...{ check: 'matter', about: 'case-2', status: 'warning' },
      message: `open since ${later} by LTAIexample; not all of its versions are held`,
      mend: 'holdfast hold show case-2, then its `holdfast hold open` again: it goes on',
    },
  ];
  expect(await matters()).toEqual(opened);

  const evidence = plainClient(cloud.url, 'evidence');
  const keep = (kind: string) =>
    evidence.put(`decisions/matters/case-3/${kind}-${'0'.repeat(64)}.json`, Buffer.from('{}'));
  await keep('held');
  const unreadable = {
    ...place,
    mend: 'holdfast hold list, which names each',
    code: 'MATTER_MALFORMED',
  };
  const ofNothing = {
    ...{ ...unreadable, status: 'warning' },
    message: '1 record cannot be read; no version is held by them',
  };
  expect(await matters()).toEqual([...opened, ofNothing]);
  await release('case-1');
  await keep('opened');
  expect(await matters()).toEqual([
    opened[1],
    {
      ...{ ...unreadable, status: 'failure' },
      message: '2 records cannot be read; what 1 of them may hold is not known',
    },
  ]);

  const denied = { status: 403, code: 'AccessDenied' };
  cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'evidence', effect: denied });
  expect(await matters()).toMatchObject([{ status: 'not-checked', code: 'ACCESS_DENIED' }]);
});
