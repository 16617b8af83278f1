import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { minute } from '../../shared/platform/instant.ts';
import { readRulesFile } from '../../shared/rules/read.ts';
import { color } from '../../shared/terminal/color.ts';
import { startCloud } from '../cloud.ts';
import { runProgram } from '../program.ts';
import { adminOf } from './admin.ts';
import { showHuawei } from './huawei.ts';
import { prepareLetters, showLetters } from './letters.ts';
import { showObjects } from './objects.ts';
import { showPolicies } from './policies.ts';
import { say, summary } from './report.ts';

/** The demo behind `npm start`: the whole of Holdfast on this machine, watched from outside. */

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Far more than it needs; it is to end with an error rather than to hang. */
const longestRunMs = 5 * minute;

const { rules } = new Command('npm start --')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description('Shows what Holdfast does, on an embedded cloud: no account, nothing leaves this machine.')
  .option(
    '--rules <file>',
    'a rules file for the functions; the expectations stay those of rules.yaml',
    inProject('rules.yaml'),
  )
  .parse()
  .opts<{ rules: string }>();

await runProgram({ name: 'the demo', longestMs: longestRunMs }, async (keep) => {
  await readRulesFile(rules); // its mistakes are clearer here than in the log of every run
  const common = { template: inProject('s.yaml'), rules, everyBucket: true };
  const cloud = keep(await startCloud(common));
  say(
    `${color.bold('Holdfast on an embedded cloud')} at ${cloud.url}: no account, nothing leaves this machine.`,
  );
  say(
    'The rules are those of rules.yaml; the functions are those that `npx s deploy` puts on Function Compute.',
  );
  const admin = adminOf(cloud.url);
  await prepareLetters(cloud.url);
  const checks = [
    ...(await showObjects(cloud.url, admin)),
    ...(await showPolicies(cloud.url, admin)),
    ...(await showLetters(cloud.url, admin)),
  ];
  const huawei = keep(await startCloud({ ...common, clouds: ['obs'] }));
  checks.push(...(await showHuawei(huawei.url, adminOf(huawei.url))));
  summary(checks);
  say(`
Next, what you can try:
  npx holdfast explain oss://fin-eu/ledger/q3.parquet --tag class=finance
      which rule keeps an object, until when, and why
  npx holdfast validate
      checks rules.yaml after you have changed it
  npx holdfast local
      this cloud for yourself, on port 9000`);
  return checks.every(({ ok }) => ok) ? 0 : 1;
});
