/**
 * The number of requests that may be under way at once, found out by trying, as TCP does: one more for each fast reply until
 * the service throttles or a whole round of replies is slow, then one more for each round of fast replies, and half as many
 * whenever it throttles. One slow reply says nothing: this process may have been busy when it came. Pure.
 */
export interface Window {
  readonly limit: number;
  readonly max: number;
  /** It is never cut below this. */
  readonly least: number;
  /** Tells whether neither a throttled reply nor a round of slow ones has come yet. */
  readonly starting: boolean;
  /** Fast replies since the limit last changed. */
  readonly credit: number;
  /** Slow replies since the last fast one. */
  readonly slow: number;
  /** Counts the cuts: replies to requests from before the last cut say nothing about the new limit. */
  readonly epoch: number;
  /** This is what a fast reply took lately, in milliseconds. */
  readonly fastMs: number | undefined;
}

/** One reply. */
export interface Sample {
  readonly throttled: boolean;
  readonly ms: number;
  /** The window's epoch when the request was sent. */
  readonly epoch: number;
}

const first = 32;
/** A reply is fast when it takes less than so many times the fastest lately, and always below this many ms. */
const slowFactor = 3;
const alwaysFastMs = 20;
/** This is how quickly the memory of the fastest reply fades. */
const fading = 0.001;

export function openWindow(max: number, least = 1): Window {
  const limit = Math.max(least, Math.min(first, max));
  return { limit, max, least, starting: true, credit: 0, slow: 0, epoch: 0, fastMs: undefined };
}

export function observeReply(window: Window, { throttled, ms, epoch }: Sample): Window {
  if (throttled) {
    if (epoch < window.epoch) return window;
    const limit = Math.max(window.least, Math.floor(window.limit / 2));
    return { ...window, limit, starting: false, credit: 0, epoch: window.epoch + 1 };
  }
  const best = window.fastMs ?? ms;
  const fastMs = ms < best ? ms : best + (ms - best) * fading;
  if (ms > Math.max(alwaysFastMs, best * slowFactor)) {
    const slow = window.slow + 1;
    return { ...window, starting: window.starting && slow < window.limit, slow, fastMs };
  }
  const { limit, max, least, starting } = window;
  const credit = window.credit + 1;
  const grows = limit < max && (starting || credit >= limit);
  // Written out, and not spread from the old one: this is done for every reply.
  return {
    limit: grows ? limit + 1 : limit,
    max,
    least,
    starting,
    credit: grows ? 0 : credit,
    slow: 0,
    epoch: window.epoch,
    fastMs,
  };
}
