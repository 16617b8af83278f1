import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { emptyContent } from '../content.ts';
import { OssError } from '../errors.ts';
import type { Reply } from '../reply.ts';
import type { FaultEffect } from './rules.ts';

/** Ends a request without a reply, as a fault rule asks. */
export class NoReply extends Error {
  constructor(readonly code: 'ConnectionReset' | 'NeverAnswered') {
    super(code);
  }
}

/** Lets happen what goes wrong before a request takes effect; delays are numbers by now. @throws OssError, NoReply */
export async function failBefore(effects: readonly FaultEffect[], socket: Socket): Promise<void> {
  for (const effect of effects) {
    if ('delayMs' in effect && typeof effect.delayMs === 'number') await wait(effect.delayMs);
    else if ('status' in effect && effect.after !== true) throw errorOf(effect);
    else if ('reset' in effect && effect.reset === 'before') throw new NoReply('ConnectionReset');
    else if ('hang' in effect && effect.hang === 'before') await hang(socket);
  }
}

/** Lets happen what goes wrong when a request has taken effect. @throws OssError, NoReply */
export async function failAfter(
  effects: readonly FaultEffect[],
  socket: Socket,
  reply: Reply,
): Promise<Reply> {
  let sent = reply;
  for (const effect of effects) {
    if ('status' in effect && effect.after === true) throw errorOf(effect);
    if ('reset' in effect && effect.reset === 'after') throw new NoReply('ConnectionReset');
    if ('hang' in effect && effect.hang === 'after') await hang(socket);
    if ('cut' in effect) sent = cutShort(sent, effect.cut);
  }
  return sent;
}

const errorOf = ({ status, code }: { readonly status: number; readonly code: string }) =>
  new OssError(code, status, { message: 'This error was asked for by a fault rule.' });

/** Waits until the client has gone. */
async function hang(socket: Socket): Promise<never> {
  if (!socket.destroyed) await once(socket, 'close');
  throw new NoReply('NeverAnswered');
}

/** Makes a reply whose body promises its full length and breaks off. @throws NoReply when there is no body */
function cutShort(reply: Reply, part: number): Reply {
  if (reply.body === undefined || reply.body === '') throw new NoReply('ConnectionReset');
  const whole = typeof reply.body === 'string' ? textBody(reply.body) : reply.body;
  const middle = whole.start + Math.floor((whole.end - whole.start) * part);
  const content = {
    ...whole.content,
    async *read() {
      yield* whole.content.read(whole.start, middle);
      await setImmediate(); // what has been written goes out before the connection ends
      throw new NoReply('ConnectionReset');
    },
  };
  return { ...reply, body: { content, start: whole.start, end: whole.end } };
}

function textBody(text: string) {
  const bytes = Buffer.from(text);
  const read = (start: number, end: number) => (start < end ? [bytes.subarray(start, end)] : []);
  return { content: { ...emptyContent, read }, start: 0, end: bytes.length };
}
