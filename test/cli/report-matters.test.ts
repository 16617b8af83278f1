import { expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment, runCli, startCli } from '../support/cli.ts';
import { holdTestWorld } from '../support/hold-world.ts';
import { stopWhenSeen } from '../support/stop-when-seen.ts';

it('report and explain say what they can and fail while not all open matters are known', async () => {
  const { cloud, folder, upload } = await holdTestWorld(['fin-1']);
  await upload('fin-1', 'a');
  const run = (...args: string[]) => runCli(args, { cwd: folder, env: cloudEnvironment(cloud.url) });
  const report = (...args: string[]) => run('report', 'oss://fin-1', ...args);
  const explain = (...args: string[]) => run('explain', 'oss://fin-1/a', ...args);
  expect((await run('protect', 'oss://fin-1', '--yes')).code).toBe(0);
  expect([(await report()).code, (await explain()).code]).toEqual([0, 0]);

  const at = `decisions/matters/case/opened-${'0'.repeat(64)}.json`;
  await plainClient(cloud.url, 'evidence').put(at, Buffer.from('{}'));
  const said = { code: 1, stdout: expect.stringContaining('MATTER_MALFORMED evidence') };
  expect(await report()).toMatchObject(said);
  const posture = JSON.parse((await report('--json')).stdout);
  expect(posture).toMatchObject({ verdict: 'incomplete', versions: { versions: 1 } });
  expect(posture.troubles).toMatchObject([{ bucket: 'evidence', code: 'MATTER_MALFORMED' }]);
  expect((await report('--no-head')).code, 'it asks the rules alone').toBe(0);

  const explained = await explain();
  expect(explained.stdout).toContain('matters        not known: MATTER_MALFORMED');
  expect(explained.stdout).toContain('error MATTER_MALFORMED:');
  expect(explained.stdout, 'by the rules').toContain('stays as it is: retained until');
  expect(explained.code).toBe(1);
  expect(JSON.parse((await explain('--json')).stdout)).toMatchObject({
    ...{ matters: null, mattersUnknown: { code: 'MATTER_MALFORMED' } },
    errors: [{ code: 'MATTER_MALFORMED' }],
  });
  expect((await explain('--modified', '2026-11-20')).code, 'it is described').toBe(0);

  cloud.oss.faults.add({
    operation: 'ListObjectVersions',
    bucket: 'evidence',
    effect: { status: 403, code: 'AccessDenied' },
  });
  expect([(await report()).code, (await explain()).code]).toEqual([1, 1]);
});

it('a report that was killed while not all open matters were known goes on so, and begins anew once they are', async () => {
  const { cloud, folder, upload, release } = await holdTestWorld(['fin-1']);
  for (const key of ['a', 'b', 'c', 'd']) await upload('fin-1', key);
  const options = { cwd: folder, env: cloudEnvironment(cloud.url) };
  expect((await runCli(['protect', 'oss://fin-1', '--yes'], options)).code).toBe(0);
  const evidence = plainClient(cloud.url, 'evidence');
  const at = `decisions/matters/case/opened-${'0'.repeat(64)}.json`;
  await evidence.put(at, Buffer.from('{}'));
  const asked = ['report', 'oss://fin-1', '--json', '--concurrency', '1'];
  const isLook = ({ operation, bucket }: { operation: string; bucket: string }) =>
    operation === 'HeadObject' && bucket === 'fin-1';
  const stop = { requests: 2, signal: 'SIGKILL', isCounted: isLook } as const;
  const killed = await stopWhenSeen(cloud.oss.requests, () => startCli(asked, options), stop);
  expect(killed.code, killed.stderr).toBeNull();
  const blind = await runCli(asked, options);
  expect(blind.code).toBe(1);
  expect(JSON.parse(blind.stdout)).toMatchObject({ verdict: 'incomplete', versions: { versions: 4 } });

  await stopWhenSeen(cloud.oss.requests, () => startCli(asked, options), stop);
  await release('case'); // which ends what its record may have held
  const known = await runCli(asked, options);
  expect(JSON.parse(known.stdout), known.stderr).toMatchObject({
    ...{ verdict: 'protected', troubles: [] },
    versions: { versions: 4 },
  });
});
