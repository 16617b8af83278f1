import fs from 'node:fs';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { shareMemory } from './instance-memory.ts';
import { serve } from './instance-serve.ts';
import type { Reply } from './messages.ts';

/** This is what the thread of an instance is given. */
export interface ThreadSetup {
  readonly buffer: SharedArrayBuffer;
  readonly codeFolder: string;
}

/** From the thread to the runtime: output as it is written, and replies. */
export type ThreadMessage =
  | Reply
  | { readonly kind: 'output'; readonly fd: number; readonly bytes: Uint8Array };

/** The program of an instance that is a thread, see thread-sandbox. */
function main({ buffer, codeFolder }: ThreadSetup): void {
  const port = parentPort;
  if (port === null) throw new Error('it runs as a thread');
  const send = (message: ThreadMessage) => port.postMessage(message);
  takeOutput((fd, bytes) => send({ kind: 'output', fd, bytes }));
  void serve({
    memory: shareMemory(buffer),
    codeFolder,
    take: () => receiveMessageOnPort(port)?.message,
    reply: send,
  });
}

/**
 * Takes all that is written to the first two descriptors, which are those of the whole process. It leaves the thread at once,
 * as through a pipe: the streams of a thread wait for the other side before they take more.
 */
function takeOutput(write: (fd: number, bytes: Uint8Array) => void): void {
  const toBytes = (data: Uint8Array | string) => (typeof data === 'string' ? Buffer.from(data) : data);
  for (const [fd, stream] of [process.stdout, process.stderr].entries()) {
    Object.assign(stream, {
      write(data: Uint8Array | string, ...[encoding, done]: unknown[]) {
        write(fd + 1, toBytes(data));
        const written = done ?? encoding;
        if (typeof written === 'function') process.nextTick(written);
        return true;
      },
    });
  }
  const { writeSync } = fs;
  Object.assign(fs, {
    writeSync(...[fd, data, ...rest]: [number, Uint8Array | string, ...unknown[]]) {
      if (fd !== 1 && fd !== 2) return Reflect.apply(writeSync, fs, [fd, data, ...rest]);
      const bytes = toBytes(data);
      write(fd, bytes);
      return bytes.length;
    },
  });
}

main(workerData);
