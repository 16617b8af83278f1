import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { fewInTurn } from '../../../../shared/storage/oss/few-in-turn.ts';
import { createOssStorage } from '../../../../shared/storage/oss/index.ts';
import { undiciConnections } from '../../../../shared/storage/oss/undici-connections.ts';
import { rawServer } from '../../../support/raw-server.ts';

/** Turns of the event loop that come when they are called for. */
function turns() {
  const due: (() => void)[] = [];
  return {
    later: (turn: () => void) => void due.push(turn),
    due: () => due.length,
    next: () => due.shift()?.(),
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('work is done a few pieces in a turn, in its order, with what comes meanwhile behind it', () => {
  const { later, due, next } = turns();
  const done: number[] = [];
  const handOn = fewInTurn(3, later);
  for (const piece of upTo(7)) {
    handOn(() => {
      done.push(piece);
      if (piece === 2) handOn(() => done.push(8));
    });
  }
  expect([done, due()]).toEqual([[], 1]);
  next();
  expect([done, due()]).toEqual([upTo(3), 1]);
  next();
  expect([done, due()]).toEqual([upTo(6), 1]);
  next();
  expect([done, due()]).toEqual([upTo(8), 0]);
  handOn(() => done.push(9));
  expect(due()).toBe(1);
  next();
  expect([done, due()]).toEqual([upTo(9), 0]);
});

test('one piece that throws loses none of the others', () => {
  const { later, due, next } = turns();
  const done: number[] = [];
  const handOn = fewInTurn(3, later);
  for (const piece of upTo(4)) {
    handOn(() => {
      if (piece === 2) throw new Error('broken');
      done.push(piece);
    });
  }
  expect(next).toThrow('broken');
  expect(due()).toBe(1);
  next();
  expect([done, due()]).toEqual([[1, 3, 4], 0]);
});

test('replies that come together are handed on a few in each turn', async () => {
  const asked: Socket[] = [];
  let allAsked: () => void = () => undefined;
  const asking = new Promise<void>((resolve) => {
    allAsked = resolve;
  });
  const server = await rawServer((socket) => {
    asked.push(socket);
    if (asked.length === 20) allAsked();
  });
  const storage = createOssStorage({
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'id', accessKeySecret: 'secret' },
    connections: undiciConnections(),
  });
  try {
    let inTurn = 0;
    let most = 0;
    const count = () => {
      inTurn += 1;
      most = Math.max(most, inTurn);
    };
    const all = upTo(20).map(() => storage.getVersioning('examplebucket').finally(count));
    await asking;
    const body = '<VersioningConfiguration/>';
    const reply = `HTTP/1.1 200 OK\r\nx-oss-request-id: R1\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    let isOver = false;
    const ended = Promise.all(all).finally(() => {
      isOver = true;
    });
    for (const socket of asked) socket.write(reply);
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      inTurn = 0;
    }
    await ended;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
  } finally {
    storage.close();
    await server.close();
  }
});
