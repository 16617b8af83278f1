import { Socket } from 'node:net';
import { type MessagePort, workerData } from 'node:worker_threads';
import { type SharedMemory, shareMemory } from './instance-memory.ts';
import { readLines } from './lines.ts';
import { type Order, ordersFd } from './messages.ts';

/** This is what the watching thread is given. */
export interface Watch {
  readonly buffer: SharedArrayBuffer;
  readonly port: MessagePort;
  readonly memoryMb: number;
}

const checkEveryMs = 25;
const megabyte = 1024 * 1024;

/**
 * Runs the second thread of an instance. The first is frozen between requests and may loop for ever within one, so
 * it is this one that reads the orders, keeps the memory limit, and ends the process when the runtime has gone,
 * however it went: the pipe then ends, which no signal has to tell.
 */
export function watch(): void {
  const { buffer, port, memoryMb }: Watch = workerData;
  const memory = shareMemory(buffer);
  const pipe = new Socket({ fd: ordersFd });
  const die = () => process.kill(process.pid, 'SIGKILL');
  pipe.on('error', die).on('close', die);
  readLines(pipe, (line) => {
    const order: Order = JSON.parse(line);
    if (order.kind === 'shift') {
      memory.offsetMs = order.offsetMs;
      return;
    }
    memory.busy = true;
    port.postMessage(order);
    memory.announce();
    limitMemory(memory, memoryMb);
  });
}

/** While a request is served; SIGABRT, since that is how V8 ends a process whose heap is full. */
function limitMemory(memory: SharedMemory, memoryMb: number): void {
  if (!memory.busy) return;
  if (process.memoryUsage.rss() > memoryMb * megabyte) process.kill(process.pid, 'SIGABRT');
  setTimeout(limitMemory, checkEveryMs, memory, memoryMb);
}
