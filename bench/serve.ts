import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

export interface Usage {
  /** Bytes of memory that the process has now. */
  readonly rss: number;
  /** How long the process has been computing so far, in milliseconds. */
  readonly cpuMs: number;
}

export interface Served {
  readonly port: number;
  usage(): Promise<Usage>;
  end(): Promise<void>;
}

const portMessage = z.tuple([z.object({ port: z.number() })]).rest(z.unknown());
const usageMessage = z.tuple([z.object({ rss: z.number(), cpuMs: z.number() })]).rest(z.unknown());

interface Serving {
  /** The folder that the server keeps its data in, as `holdfast local --data` does. */
  readonly data?: string;
  /** A folder for the profile of the process. */
  readonly profile?: string;
  /** The file of the build; the embedded cloud unless told. */
  readonly program?: 'server.js' | 'empty-server.js';
}

/** Starts a server in a process of its own. */
export async function serve({ data, profile, program = 'server.js' }: Serving = {}): Promise<Served> {
  const child = fork(
    fileURLToPath(new URL(`./${program}`, import.meta.url)),
    data === undefined ? [] : [data],
    {
      execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    },
  );
  const message = () => once(child, 'message');
  const [{ port }] = portMessage.parse(await message());
  return {
    port,
    async usage() {
      child.send('usage');
      const [usage] = usageMessage.parse(await message());
      return usage;
    },
    async end() {
      child.send('end');
      await once(child, 'exit');
    },
  };
}
