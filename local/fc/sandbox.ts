import type { Readable } from 'node:stream';
import type { Order, Reply } from './messages.ts';

/** This is what an instance runs in, as the runtime sees it: a process of its own, or a thread. */
export interface Sandbox {
  /** Everything that the function and its libraries write. */
  readonly outputs: readonly Readable[];
  /** Hands an order over; nothing happens when the instance is gone. */
  send(order: Order): void;
  /** Sets who hears of each reply, instead of whoever did before. */
  onReply(listener: (reply: Reply) => void): void;
  /** Ends it at once. */
  kill(): void;
  /** Resolves when it is gone, with the reason. */
  readonly gone: Promise<Gone>;
}

/** This is why an instance is gone: the memory limit, or any other end. */
export type Gone = 'memory' | 'ended';

export interface SandboxOptions {
  readonly codeFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** MB that the instance may take, its heap and all the rest. */
  readonly memorySize: number;
  readonly offsetMs: number;
}

/** Processes are what the platforms run. Threads start in a third of the time; see thread-sandbox for what they do not bear. */
export type InstanceKind = 'processes' | 'threads';

/** Starts what an instance runs in. */
export type StartSandbox = (options: SandboxOptions) => Sandbox;
