import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { applyPlan } from '../../cli/apply.ts';
import { changePolicy } from '../../cli/policy/change.ts';
import { put } from '../../cli/retention/put.ts';
import { here } from '../../cli/terminal/confirm.ts';
import { plainClient } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { type ApprovalTestWorld, approvalTestWorld } from '../support/approval-world.ts';
import { cloudEnvironment } from '../support/cli.ts';

interface Act {
  readonly word: string;
  /** The command that prints its plan, or keeps it in act.json. */
  readonly plan: readonly string[];
  do(options: ReturnType<typeof optionsOf>): Promise<unknown>;
}

const optionsOf = ({ folder, cloud }: ApprovalTestWorld) => ({
  ...{ rules: `${folder}/rules.yaml`, cloud: 'oss' as const, region: 'cn-hangzhou', endpoint: cloud.url },
  json: true,
});

const acts: readonly (readonly [string, Act])[] = [
  [
    'holdfast apply',
    { word: 'lock', plan: ['plan', '--out', 'act.json'], do: (options) => applyPlan(undefined, options) },
  ],
  [
    'holdfast policy lock',
    {
      ...{ word: 'lock', plan: ['policy', 'lock', 'oss://archive-1', '--dry-run', '--json'] },
      do: (options) => changePolicy('archive-1', { action: 'lock' }, options),
    },
  ],
  [
    'holdfast retention put',
    {
      word: 'retain',
      plan: ['retention', 'put', 'oss://fin-1/a', '--until', '2033-01-01', '--dry-run', '--json'],
      do: (options) =>
        put({ bucket: 'fin-1', key: 'a' }, { ...options, until: '2033-01-01', mode: 'COMPLIANCE' }),
    },
  ],
];

/** Does an approved act as a person does who types the word, after something else has happened. */
async function doneAfter(
  { word, plan, do: act }: Act,
  meanwhile: (world: ApprovalTestWorld) => Promise<void>,
) {
  const world = await approvalTestWorld();
  await world.initiate('archive-1', 365);
  const id = versionId(await world.upload('fin-1', 'a'));
  await world.cloud.advance(2 * hour);
  const printed = await world.run(...plan);
  if (!plan.includes('--out')) writeFileSync(join(world.folder, 'act.json'), printed.stdout);
  expect(await world.second('approve', 'act.json', '--yes')).toMatchObject({ code: 0 });

  for (const [name, value] of Object.entries(cloudEnvironment(world.cloud.url))) vi.stubEnv(name, value);
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const answered = once(output, 'data')
    .then(() => meanwhile(world))
    .then(() => input.write(`${word}\n`));
  vi.spyOn(here, 'input', 'get').mockReturnValue(input);
  vi.spyOn(here, 'output', 'get').mockReturnValue(output);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
  const acted = act(optionsOf(world)).catch((error: unknown) => error);
  const said = await Promise.race([acted, answered.then(() => acted)]); // fails where nobody could answer
  const retention = await world.storage.getRetention({ bucket: 'fin-1', key: 'a', versionId: id });
  return { said, isDone: (await world.stateOf('archive-1')) === 'Locked' || retention !== undefined };
}

async function takeBack({ storage, cloud }: ApprovalTestWorld): Promise<void> {
  for await (const { key } of storage.listVersions('evidence', 'decisions/approvals/'))
    await plainClient(cloud.url, 'evidence').delete(key); // a delete marker
}

it.each(acts)('%s is done by the word of a person while its approval is in force', async (_name, act) => {
  expect(await doneAfter(act, async () => undefined)).toMatchObject({ isDone: true });
});

it.each(acts)('%s is not done when its approval was taken back during the question', async (_name, act) => {
  const { said, isDone } = await doneAfter(act, takeBack);
  expect(said).toMatchObject({ code: 'APPROVAL_MISSING' });
  expect(isDone).toBe(false);
});
