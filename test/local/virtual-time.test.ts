import { expect, onTestFinished, test } from 'vitest';
import { createVirtualTime } from '../../local/virtual-time.ts';
import { hour, minute } from '../../shared/platform/instant.ts';

const start = new Date('2026-11-20T10:00:00Z');

/** A virtual time that moves only when the test moves it: the real time below it stands still. */
function timeAt(idle: () => Promise<void> = () => Promise.resolve()) {
  const time = createVirtualTime({ start, idle, realNow: () => start });
  onTestFinished(() => time.close());
  return time;
}

const after = (ms: number) => new Date(start.getTime() + ms);

test('it starts at the instant given and runs on as real time does', () => {
  let real = new Date('2036-11-20T10:00:00Z');
  const time = createVirtualTime({ start, idle: () => Promise.resolve(), realNow: () => real });
  onTestFinished(() => time.close());
  expect(time.now()).toEqual(start);
  real = new Date(real.getTime() + hour);
  expect(time.now()).toEqual(after(hour));
});

test('advancing runs what falls due on the way, in order of time, each at its own instant', async () => {
  const time = timeAt();
  const ran: [string, Date][] = [];
  const note = (name: string) => () => void ran.push([name, time.now()]);
  time.at(after(3 * hour), note('third'));
  time.at(after(hour), note('first'));
  time.at(after(2 * hour), note('second'));
  time.at(after(5 * hour), note('later'));
  await time.advance(4 * hour);
  expect(ran).toEqual([
    ['first', after(hour)],
    ['second', after(2 * hour)],
    ['third', after(3 * hour)],
  ]);
  expect(time.now()).toEqual(after(4 * hour));
});

test('what a task schedules runs too when it falls due before the end', async () => {
  const time = timeAt();
  const ran: Date[] = [];
  const tick = () => {
    ran.push(time.now());
    time.at(new Date(time.now().getTime() + hour), tick);
  };
  time.at(after(hour), tick);
  await time.advance(3.5 * hour);
  expect(ran).toEqual([after(hour), after(2 * hour), after(3 * hour)]);
});

test('the clock waits until what a task has started is at rest', async () => {
  let finish: () => void = () => undefined;
  let work = Promise.resolve();
  const order: string[] = [];
  const time = timeAt(() => work);
  time.at(after(hour), () => {
    work = new Promise<void>((resolve) => {
      finish = resolve;
    }).then(() => void order.push('finished'));
    setImmediate(() => finish());
  });
  time.at(after(2 * hour), () => void order.push('next'));
  await time.advance(3 * hour);
  expect(order).toEqual(['finished', 'next']);
});

test('advances at the same time run one after the other', async () => {
  const time = timeAt();
  const ran: Date[] = [];
  for (const hours of [1, 2, 3]) time.at(after(hours * hour), () => void ran.push(time.now()));
  await Promise.all([time.advance(1.5 * hour), time.advance(2 * hour)]);
  expect(ran).toEqual([after(hour), after(2 * hour), after(3 * hour)]);
  expect(time.now()).toEqual(after(3.5 * hour));
});

test('a task that is taken back does not run', async () => {
  const time = timeAt();
  const ran: string[] = [];
  const cancel = time.at(after(hour), () => void ran.push('it'));
  cancel();
  await time.advance(2 * hour);
  expect(ran).toEqual([]);
});

test('a task runs by itself when real time reaches it', async () => {
  const time = createVirtualTime({ start, idle: () => Promise.resolve() });
  onTestFinished(() => time.close());
  const due = new Date(time.now().getTime() + 20);
  const ran = new Promise<Date>((resolve) => {
    time.at(due, () => resolve(time.now()));
  });
  expect((await ran).getTime()).toBeGreaterThanOrEqual(due.getTime());
});

test('a leap passes over the instants on the way: what was missed runs once, late', async () => {
  const time = timeAt();
  const ran: Date[] = [];
  const tick = () => {
    ran.push(time.now());
    time.at(new Date(time.now().getTime() + hour), tick);
  };
  time.at(after(hour), tick);
  await time.leap(1000 * hour);
  expect(ran).toEqual([after(1000 * hour)]);
});

test('what a leap missed starts in order and side by side: one that waits holds up no other', async () => {
  const time = timeAt();
  const started: string[] = [];
  let letGo = () => {};
  const blocked = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  time.at(after(hour), () => {
    started.push('first');
    return blocked;
  });
  time.at(after(2 * hour), () => {
    started.push('second');
    letGo();
  });
  await time.leap(3 * hour);
  expect(started).toEqual(['first', 'second']);
});

test('it can be set to a later instant, not to an earlier one', async () => {
  const time = timeAt();
  await time.setTo(after(hour));
  expect(time.now()).toEqual(after(hour));
  await expect(time.setTo(start)).rejects.toThrow('time moves forward only');
  expect(time.now()).toEqual(after(hour));
});

test('listeners hear of every shift', async () => {
  const time = timeAt();
  const offsets: number[] = [];
  time.onShift((offset) => offsets.push(offset));
  const before = time.offsetMs;
  await time.advance(hour);
  expect(offsets.map((offset) => Math.round((offset - before) / minute))).toEqual([60]);
});

test('after closing nothing runs any more', async () => {
  const time = timeAt();
  const ran: string[] = [];
  time.at(after(hour), () => void ran.push('it'));
  time.close();
  await time.advance(2 * hour);
  expect(ran).toEqual([]);
});
