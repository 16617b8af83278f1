import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { shareMemory } from './instance-memory.ts';
import type { ThreadMessage, ThreadSetup } from './instance-thread.ts';
import type { Reply } from './messages.ts';
import type { Gone, StartSandbox } from './sandbox.ts';

/**
 * Runs instances as threads of this process, which start in a third of the time. The memory limit is that of the heap alone, the
 * working folder is that of this process, and a function that sends a signal to its process ends this one.
 * @param program local/fc/instance-thread.ts, built
 */
export const inThreads =
  (program: string): StartSandbox =>
  ({ codeFolder, environment, memorySize, offsetMs }) => {
    const memory = shareMemory();
    memory.offsetMs = offsetMs;
    const workerData: ThreadSetup = { buffer: memory.buffer, codeFolder };
    const thread = new Worker(program, {
      workerData,
      env: { ...environment },
      resourceLimits: { maxOldGenerationSizeMb: memorySize },
    });
    let onReply: (reply: Reply) => void = () => undefined;
    const output = new PassThrough();
    const errors = new PassThrough();
    thread.on('message', (message: ThreadMessage) => {
      if (message.kind !== 'output') onReply(message);
      else (message.fd === 1 ? output : errors).write(message.bytes);
    });
    let why: Gone = 'ended';
    thread.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') why = 'memory';
      errors.write(`${error.stack}\n`);
    });
    // `once` of node:events would reject at the error of a thread.
    const exit = new Promise((resolve) => thread.once('exit', resolve));
    return {
      outputs: [output, errors],
      send(order) {
        if (order.kind === 'shift') {
          memory.offsetMs = order.offsetMs;
          return;
        }
        thread.postMessage(order);
        memory.announce();
      },
      onReply(listener) {
        onReply = listener;
      },
      kill: () => void thread.terminate(),
      gone: exit.then(async () => {
        const ends = [output, errors].map((stream) => once(stream, 'end'));
        output.end();
        errors.end();
        await Promise.all(ends);
        return why;
      }),
    };
  };
