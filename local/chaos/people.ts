import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { AccessKey } from '../keyring.ts';
import type { ChaosStore } from './store.ts';

/**
 * People who work with Holdfast's command line, each with an access key of their own; none of them ever has to delete. The clerk opens
 * matters and repairs, the operator does what somebody else has to approve.
 */
export const personNames = ['clerk', 'operator', 'approver'] as const;
export type Person = (typeof personNames)[number];

export const keyOf = (person: Person): AccessKey => ({
  accessKeyId: person,
  accessKeySecret: `${person}-secret`,
});

/** Names a person in the log of requests. */
export const principalOf = (person: Person): string => `user ${person}`;

/** This is where the command line and the rules are, and the cloud it is to work on. */
export interface Workshop {
  readonly holdfast: string;
  readonly rules: string;
  readonly url: string;
  /** This is where a command keeps how far it is; the current folder unless given. */
  readonly cwd?: string;
  /** Approves what the rules ask an approval for, where they do. */
  readonly approver?: Person;
}

/** The end of a command, and the text that it has printed. */
export interface EndedCommand {
  readonly code: number | 'killed';
  readonly stdout: string;
  readonly stderr: string;
}

/** The moment at which a command is killed: with the request of its person that has this number. */
interface Killing {
  readonly store: Pick<ChaosStore, 'requests'>;
  readonly atRequest: number;
}

const lookEveryMs = 10;

/** Runs a command as a person, to its end or until it is killed. Any exit code is a result. */
export async function runAs(
  { holdfast, rules, url, cwd }: Workshop,
  person: Person,
  args: readonly string[],
  killing?: Killing,
): Promise<EndedCommand> {
  const { accessKeyId, accessKeySecret } = keyOf(person);
  const env = {
    ...process.env,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    OBS_ACCESS_KEY_ID: accessKeyId,
    OBS_SECRET_ACCESS_KEY: accessKeySecret,
  };
  const options = ['--json', '--rules', rules, '--endpoint', url];
  const child = spawn(process.execPath, [holdfast, ...args, ...options], {
    env,
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill();
  process.once('exit', end);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const closed = once(child, 'close');
  if (killing !== undefined) {
    const sent = () =>
      killing.store.requests.list().filter(({ principal }) => principal === principalOf(person)).length;
    const until = sent() + killing.atRequest;
    while (child.exitCode === null && child.signalCode === null && sent() < until) await wait(lookEveryMs);
    child.kill('SIGKILL');
  }
  const [code] = await closed;
  process.off('exit', end);
  return { ...said, code: code ?? 'killed' };
}
