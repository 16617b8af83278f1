import { writeFileSync } from 'node:fs';
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { answer } from './instance-answer.ts';
import { installVirtualDate } from './instance-date.ts';
import { prefixConsole } from './instance-log.ts';
import { shareMemory } from './instance-memory.ts';
import { type Watch, watch } from './instance-watch.ts';
import { forgetClockVariables } from './machine-clock.ts';
import { endOfOutput, repliesFd, type Work } from './messages.ts';

/**
 * The program that runs inside the process of a function instance: it serves one request at a time, and between two it
 * is frozen, as Function Compute freezes instances once they have answered: no timer fires and no promise goes on
 * until the next request. Its second thread stays awake, see {@link watch}.
 */
async function serve(): Promise<void> {
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

  let requestId = '';
  installVirtualDate(() => memory.offsetMs);
  prefixConsole(() => requestId);
  for (let taken = 0; ; taken += 1) {
    memory.freeze(taken);
    const work: Work = receiveMessageOnPort(port1)?.message;
    requestId = work.context.requestId;
    const reply = await answer(work);
    await Promise.all([process.stdout, process.stderr].map((stream) => flush(stream, requestId)));
    memory.busy = false;
    writeFileSync(repliesFd, `${JSON.stringify(reply)}\n`);
  }
}

/** Marks the end of a request's output, and waits until all of it has left the process: none is frozen with it. */
function flush(stream: NodeJS.WriteStream, requestId: string): Promise<void> {
  return new Promise((resolve) => stream.write(`${endOfOutput(requestId)}\n`, () => resolve()));
}

/** Takes a variable out of the environment: the function is not to see it. */
function takeNumber(name: string): number {
  const value = Number(process.env[name] ?? 0);
  delete process.env[name];
  return value;
}

if (isMainThread) void serve();
else watch();
