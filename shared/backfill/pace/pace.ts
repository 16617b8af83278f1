import type { Clock } from '../../platform/clock.ts';
import { hasCode } from '../../platform/errors.ts';
import { type AroundStore, aroundReads, aroundStore } from '../../storage/decorate.ts';
import type { StorageReads } from '../../storage/port.ts';
import { type Tokens, take } from './tokens.ts';
import { observeReply, openWindow } from './window.ts';

export interface PaceOptions {
  readonly clock: Clock;
  /** Requests under way at once, at most. */
  readonly concurrency: number;
  /** Requests that may be under way at once however much is throttled; one when it is not given. */
  readonly least?: number;
  /** Requests a second, at most; undefined: as many as the service takes. */
  readonly qps: number | undefined;
  /**
   * Lets reads go before the writes that wait. Where one shard is looked at while another is written, the looks then end first, and writes
   * fill every place until the next shard has come. In turn with each other both would end at once, with no request left to send.
   */
  readonly readsFirst: boolean;
}

export interface Pace {
  /** The storage whose every request waits for its turn. It belongs below `withRetry`: a repetition is a request too. */
  readonly around: AroundStore;
  /**
   * The reads of a storage that are sent at once, such as a last look while a write has its turn. Each counts, and what waits behind it waits
   * for it too.
   */
  readonly ahead: (storage: StorageReads) => StorageReads;
  /** Requests sent so far. */
  requests(): number;
  /** Requests that may be under way at once now. */
  limit(): number;
}

/** Sends requests as fast as the service takes them, and no faster than is allowed. */
export function createPace({ clock, concurrency, least, qps, readsFirst }: PaceOptions): Pace {
  let window = openWindow(concurrency, least);
  let tokens: Tokens = { next: Number.NEGATIVE_INFINITY };
  let underWay = 0;
  let requests = 0;
  const writes: (() => void)[] = [];
  const reads = readsFirst ? [] : writes;
  const now = () => clock.now().getTime();

  const mayEnter = () => {
    if (underWay >= window.limit) return false;
    underWay += 1;
    return true;
  };
  /** A place is handed on, unless the window was cut meanwhile; a window that grew lets in more. */
  const leave = () => {
    underWay -= 1;
    while (underWay < window.limit) {
      const go = reads.shift() ?? writes.shift();
      if (go === undefined) return;
      underWay += 1;
      go();
    }
  };
  /** Takes a token where requests a second are limited. @returns how long to wait for it, in milliseconds */
  const token = (): number => {
    if (qps === undefined) return 0;
    const taken = take(tokens, now(), qps);
    tokens = taken.tokens;
    return taken.waitMs;
  };

  const paced = async <Result>(call: () => Promise<Result>, waiting: (() => void)[]): Promise<Result> => {
    if (!mayEnter()) await new Promise<void>((go) => waiting.push(go));
    let start = 0;
    let epoch = 0;
    try {
      const waitMs = token();
      if (waitMs > 0) await clock.sleep(waitMs);
      requests += 1;
      start = now();
      epoch = window.epoch;
      const result = await call();
      window = observeReply(window, { throttled: false, ms: now() - start, epoch });
      return result;
    } catch (error) {
      if (hasCode(error, 'THROTTLED')) {
        window = observeReply(window, { throttled: true, ms: now() - start, epoch });
      }
      throw error;
    } finally {
      leave();
    }
  };

  const atOnce = <Result>(call: () => Promise<Result>): Promise<Result> => {
    token();
    requests += 1;
    return call();
  };

  return {
    around: aroundStore(
      (call) => paced(call, reads),
      (_, call) => paced(call, writes),
    ),
    ahead: (storage) => aroundReads(storage, atOnce),
    requests: () => requests,
    limit: () => window.limit,
  };
}
