import { writeFileSync } from 'node:fs';
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { shareMemory } from './instance-memory.ts';
import { serve } from './instance-serve.ts';
import { type Watch, watch } from './instance-watch.ts';
import { forgetClockVariables } from './machine-clock.ts';
import { repliesFd } from './messages.ts';

/** The program that runs inside the process of a function instance. Its second thread stays awake, see {@link watch}. */
function main(): void {
  const memory = shareMemory();
  memory.offsetMs = takeNumber('HOLDFAST_LOCAL_OFFSET_MS');
  forgetClockVariables();
  const { port1, port2 } = new MessageChannel();
  const workerData: Watch = {
    buffer: memory.buffer,
    port: port2,
    memoryMb: takeNumber('HOLDFAST_LOCAL_MEMORY_MB'),
  };
  new Worker(new URL(import.meta.url), { workerData, transferList: [port2] });
  void serve({
    memory,
    codeFolder: process.cwd(),
    take: () => receiveMessageOnPort(port1)?.message,
    reply: (reply) => writeFileSync(repliesFd, `${JSON.stringify(reply)}\n`),
  });
}

/** Takes a variable out of the environment: the function is not to see it. */
function takeNumber(name: string): number {
  const value = Number(process.env[name] ?? 0);
  delete process.env[name];
  return value;
}

if (isMainThread) main();
else watch();
