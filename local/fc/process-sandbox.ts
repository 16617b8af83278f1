import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { readLines } from './lines.ts';
import { clockVariables } from './machine-clock.ts';
import { ordersFd, type Reply, repliesFd } from './messages.ts';
import type { Gone, StartSandbox } from './sandbox.ts';

/**
 * Runs instances as processes, as the platforms do.
 * @param program local/fc/instance-main.ts, built
 */
export const inProcesses =
  (program: string): StartSandbox =>
  ({ codeFolder, environment, memorySize, offsetMs }) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${memorySize}`, program], {
      cwd: codeFolder,
      env: {
        ...clockVariables(),
        ...environment,
        HOLDFAST_LOCAL_OFFSET_MS: String(offsetMs),
        HOLDFAST_LOCAL_MEMORY_MB: String(memorySize),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const orders = child.stdio[ordersFd];
    const replies = child.stdio[repliesFd];
    let onReply: (reply: Reply) => void = () => undefined;
    if (replies instanceof Readable) readLines(replies, (line) => onReply(JSON.parse(line)));
    // What cannot be written any more finds out from `gone`.
    for (const stream of [orders, replies]) stream?.on('error', () => undefined);
    return {
      outputs: [child.stdout, child.stderr].flatMap((stream) => stream ?? []), // null where stdio has no pipe
      send(order) {
        if (child.exitCode === null && child.signalCode === null && orders instanceof Writable)
          orders.write(`${JSON.stringify(order)}\n`);
      },
      onReply(listener) {
        onReply = listener;
      },
      kill: () => void child.kill('SIGKILL'),
      gone: new Promise<Gone>((resolve) => {
        const end = () => resolve(child.signalCode === 'SIGABRT' ? 'memory' : 'ended');
        child.once('error', end);
        child.once('close', end);
      }),
    };
  };
