import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { color, showError } from '../../cli/output.ts';
import { minute } from '../../shared/platform/instant.ts';
import { readRulesFile } from '../../shared/rules/source.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { whenOrphaned } from '../orphan.ts';
import { adminOf } from './admin.ts';
import { prepareLetters, showLetters } from './letters.ts';
import { showObjects } from './objects.ts';
import { showPolicies } from './policies.ts';
import { say, summary } from './report.ts';

/** The demo behind `npm start`: the whole of Holdfast on this machine, watched from outside. */

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Far more than it needs; it is to end with an error rather than to hang. */
const longestRunMs = 5 * minute;

/** What a shell reports for a program that a signal has ended: 128 + its number. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

let cloud: Cloud | undefined;
let ending = false;

/** Closes the cloud and ends, whatever still goes on. */
async function endWith(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  await cloud?.close();
  process.exit(exitCode);
}

for (const [name, exitCode] of Object.entries(signals)) process.on(name, () => void endWith(exitCode));
whenOrphaned(() => void endWith(signals.SIGTERM));
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', () => void endWith(0));
setTimeout(() => {
  showError(new Error(`the demo has not ended within ${longestRunMs / minute} minutes`), false);
  void endWith(1);
}, longestRunMs).unref();

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

try {
  await readRulesFile(rules); // its mistakes are clearer here than in the log of every run
  cloud = await startCloud({ template: inProject('s.yaml'), rules, everyBucket: true });
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
  summary(checks);
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
  say(`
Next, what you can try:
  npx holdfast explain oss://fin-eu/ledger/q3.parquet --tag class=finance
      which rule keeps an object, until when, and why
  npx holdfast validate
      checks rules.yaml after you have changed it
  npx holdfast local
      this cloud for yourself, on port 9000`);
} catch (error) {
  if (!ending) showError(error, false);
} finally {
  if (!ending) await cloud?.close();
}
