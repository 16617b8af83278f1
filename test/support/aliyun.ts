import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { folderWith } from './cli.ts';

/** An account behind a stand-in of Alibaba's command line. */
export interface StandInAccount {
  /** The variables by which a process finds the stand-in first. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs a script. `writes` are the calls that may have changed something, by their first three words.
   * @param accountId what the environment says; the script asks for it otherwise
   */
  run(
    script: string,
    accountId?: string,
  ): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
    readonly writes: readonly string[];
  };
  /** The words of every call of the last script. */
  calls(): string[][];
  /** The names of what is there of one kind, such as `roles`. */
  list(kind: string): string[];
  read(path: string): string;
  put(path: string, text: string): void;
}

export const standInId = '1234567890123456';

export function standInAccount(): StandInAccount {
  const bin = folderWith({});
  symlinkSync(resolve('test/support/aliyun-stand-in.sh'), join(bin, 'aliyun'));
  const state = folderWith({});
  const env = { PATH: `${bin}:${process.env['PATH']}`, ALIYUN_STATE: state };
  const list = (kind: string) => (existsSync(join(state, kind)) ? readdirSync(join(state, kind)).sort() : []);
  const read = (path: string) => readFileSync(join(state, path), 'utf8');
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(state, path)), { recursive: true });
    writeFileSync(join(state, path), text);
  };
  const calls = () =>
    read('calls')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  return {
    env,
    list,
    read,
    put,
    calls,
    run(script, accountId) {
      put('calls', '');
      const known = { ...env, ...(accountId !== undefined && { ALIBABA_CLOUD_ACCOUNT_ID: accountId }) };
      const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
        input: script,
        env: known,
        encoding: 'utf8',
      });
      const writes = calls().filter((words) => !words.some((each) => /^(?:get-|Get|List)/.test(each)));
      return { status, stdout, stderr, writes: writes.map((words) => words.slice(0, 3).join(' ')) };
    },
  };
}
