import { answer, handlersIn } from './instance-answer.ts';
import { installVirtualDate } from './instance-date.ts';
import { prefixConsole } from './instance-log.ts';
import type { SharedMemory } from './instance-memory.ts';
import { endOfOutput, type Reply, type Work } from './messages.ts';

/** This is what an instance serves requests with. */
export interface Serving {
  readonly memory: SharedMemory;
  /** The folder of the function's code. */
  readonly codeFolder: string;
  /** Takes the order that was announced. */
  readonly take: () => Work;
  readonly reply: (reply: Reply) => void;
}

/**
 * Serves one request at a time. Between two the instance is frozen, as Function Compute freezes instances once they have
 * answered: no timer fires and no promise goes on until the next request.
 */
export async function serve({ memory, codeFolder, take, reply }: Serving): Promise<never> {
  let requestId = '';
  installVirtualDate(() => memory.offsetMs);
  prefixConsole(() => requestId);
  const load = handlersIn(codeFolder);
  for (let taken = 0; ; taken += 1) {
    memory.freeze(taken);
    const work = take();
    requestId = work.context.requestId;
    const answered = await answer(work, load);
    await Promise.all([process.stdout, process.stderr].map((stream) => flush(stream, requestId)));
    memory.busy = false;
    reply(answered);
  }
}

/** Marks the end of a request's output, and waits until all of it has left the instance: none is frozen with it. */
function flush(stream: NodeJS.WriteStream, requestId: string): Promise<void> {
  return new Promise((resolve) => stream.write(`${endOfOutput(requestId)}\n`, () => resolve()));
}
