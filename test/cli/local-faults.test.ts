import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { folderWith, runCli, startCli } from '../support/cli.ts';

/** The facts that `holdfast local --json` prints first. */
async function factsOf(...args: string[]) {
  const child = startCli(['local', '--json', '--port', '0', ...args]);
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error('holdfast local ended without a line');
}

it('holdfast local --faults lets requests go wrong from the start', async () => {
  const rule = { rate: 0.2, effect: { reset: 'after' } };
  const folder = folderWith({ 'storm.json': JSON.stringify({ seed: 7, rules: [rule] }) });
  const { url } = await factsOf('--faults', `${folder}/storm.json`);
  expect(await (await fetch(`${url}/_local/faults`)).json()).toEqual([rule]);
});

it('holdfast local --faults refuses a file that holds none, and says where it is wrong', async () => {
  const folder = folderWith({ 'storm.json': '[{"effect":{"cut":2}},{"effect":{"cut":0.5},"a":1,"b":2}]' });
  const { code, stderr } = await runCli(['local', '--faults', `${folder}/storm.json`]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/FAULTS_INVALID: .*storm.json.* 0.effect.cut: .*; 1: .*"a", "b"/);
  expect(stderr).not.toContain('U+000A');
});

it('holdfast local runs functions under the policies beside s.yaml when it is told to', async () => {
  const all = ['dead-letter', 'object-created', 'policy-timer', 'protect-existing'];
  const roles = all.map((name) => `holdfast-${name}`);
  expect((await factsOf('--enforce-roles')).roles.sort()).toEqual(roles);
  expect((await factsOf()).roles).toEqual([]);
});
