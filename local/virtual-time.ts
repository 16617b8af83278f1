import { systemClock } from '../shared/platform/clock.ts';

/** A task that is due at an instant of virtual time. */
interface Task {
  readonly due: number;
  readonly run: () => void | Promise<void>;
}

/**
 * The embedded cloud's time: real time plus an offset, with a scheduler on it. It runs by itself as real time
 * does, and can be moved forward at will.
 */
export interface VirtualTime {
  /** The current instant of the embedded cloud. */
  now(): Date;
  /** This is how far ahead of real time it is, in milliseconds (negative: behind). */
  readonly offsetMs: number;
  /** Runs a task at an instant; at once if that has passed. Returns what takes it back. */
  at(when: Date, run: () => void | Promise<void>): () => void;
  /**
   * Moves time forward by milliseconds. Each task that falls due on the way runs in order with the clock at its
   * instant, and everything it starts comes to rest before the clock moves on.
   */
  advance(ms: number): Promise<void>;
  /** It works as {@link VirtualTime.advance} does, to an instant. @throws RangeError when the instant has passed */
  setTo(when: Date): Promise<void>;
  /**
   * Moves time forward at one go, as if the machine had slept: what fell due on the way starts afterwards, late, in
   * order and side by side, and a timer that was missed many times runs once.
   */
  leap(ms: number): Promise<void>;
  /** Tells the listener each new offset. */
  onShift(listener: (offsetMs: number) => void): void;
  /** Forgets every task. */
  close(): void;
}

/** The longest wait that setTimeout takes. */
const longestWait = 2 ** 31 - 1;

/**
 * Starts a virtual time.
 * @param options `start`: what time it is now, the real time unless given; `idle`: resolves when everything that
 *   tasks have started has come to rest; `realNow`: the real time, the machine's unless given
 */
export function createVirtualTime(options: {
  start?: Date | undefined;
  idle: () => Promise<void>;
  realNow?: () => Date;
}): VirtualTime {
  const realNow = () => (options.realNow ?? systemClock.now)().getTime();
  let offsetMs = options.start === undefined ? 0 : options.start.getTime() - realNow();
  const now = () => realNow() + offsetMs;
  const listeners = new Set<(offsetMs: number) => void>();
  const tasks = new Set<Task>();
  let timer: NodeJS.Timeout | undefined;
  let moving = false;
  let closed = false;
  let moves: Promise<unknown> = Promise.resolve();

  const next = () =>
    [...tasks].reduce<Task | undefined>(
      (first, task) => (first && first.due <= task.due ? first : task),
      undefined,
    );

  const standAt = (instant: number) => {
    if (instant <= now()) return;
    offsetMs = instant - realNow();
    for (const listener of listeners) listener(offsetMs);
  };

  const run = async (task: Task) => {
    tasks.delete(task);
    await task.run();
  };

  const wake = () => {
    clearTimeout(timer);
    const task = next();
    if (moving || closed || !task) return;
    timer = setTimeout(
      () => {
        if (task.due <= now() && tasks.has(task)) void run(task);
        wake();
      },
      Math.min(Math.max(task.due - now(), 0), longestWait),
    );
    timer.unref();
  };

  /** Runs what is due until `target`, in order. */
  const runUntil = async (target: number) => {
    await options.idle();
    for (let task = next(); task && task.due <= target && !closed; task = next()) {
      standAt(task.due);
      await run(task);
      await options.idle();
    }
  };

  /** Starts all that is due, without waiting for one before the next. */
  const runOverdue = async () => {
    for (;;) {
      const due = [...tasks].filter((task) => task.due <= now()).sort((a, b) => a.due - b.due);
      if (due.length === 0 || closed) return;
      await Promise.all(due.map(run));
      await options.idle();
    }
  };

  const move = (step: () => Promise<void>) => {
    const done = moves.then(async () => {
      moving = true;
      clearTimeout(timer);
      try {
        await step();
      } finally {
        moving = false;
        wake();
      }
    });
    moves = done.catch(() => undefined);
    return done;
  };

  const moveTo = async (target: number) => {
    await runUntil(target);
    standAt(target);
  };

  return {
    now: () => new Date(now()),
    get offsetMs() {
      return offsetMs;
    },
    at(when, run) {
      const task = { due: when.getTime(), run };
      tasks.add(task);
      wake();
      return () => tasks.delete(task);
    },
    advance: (ms) => move(() => moveTo(now() + ms)),
    setTo: (when) =>
      move(async () => {
        if (when.getTime() < now())
          throw new RangeError(`time moves forward only: it is ${new Date(now()).toISOString()}`);
        await moveTo(when.getTime());
      }),
    leap: (ms) =>
      move(async () => {
        await options.idle();
        standAt(now() + ms);
        await runOverdue();
      }),
    onShift: (listener) => {
      listeners.add(listener);
    },
    close() {
      closed = true;
      tasks.clear();
      clearTimeout(timer);
    },
  };
}
