import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observeReply, openWindow, type Window } from '../../../../shared/backfill/pace/window.ts';

const sample = fc.record({
  throttled: fc.boolean(),
  ms: fc.integer({ min: 0, max: 10_000 }),
  /** How many cuts ago it was sent. */
  age: fc.integer({ min: 0, max: 3 }),
});

const fast = (window: Window) => observeReply(window, { throttled: false, ms: 5, epoch: window.epoch });
const throttled = (window: Window) => observeReply(window, { throttled: true, ms: 5, epoch: window.epoch });

describe('the window of requests', () => {
  it('stays between one and its most, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (samples, max) => {
        let window = openWindow(max);
        for (const { throttled, ms, age } of samples) {
          const next = observeReply(window, { throttled, ms, epoch: Math.max(0, window.epoch - age) });
          expect(next.limit).toBeGreaterThanOrEqual(1);
          expect(next.limit).toBeLessThanOrEqual(max);
          expect(next.limit - window.limit).toBeLessThanOrEqual(1);
          if (!throttled) expect(next.limit).toBeGreaterThanOrEqual(window.limit);
          window = next;
        }
      }),
    );
  });

  it('grows to its most while replies are fast', () => {
    let window = openWindow(40);
    for (let each = 0; each < 40 * 40; each += 1) window = fast(window);
    expect(window.limit).toBe(40);
  });

  it('is halved once for a burst of throttled replies that were sent together', () => {
    const before = { ...openWindow(64), limit: 32 };
    let window = throttled(before);
    for (let each = 0; each < 31; each += 1) {
      window = observeReply(window, { throttled: true, ms: 5, epoch: before.epoch });
    }
    expect(window.limit).toBe(16);
    expect(throttled(window).limit).toBe(8);
  });

  it('goes on growing with each fast reply after a single slow one', () => {
    const slow = (window: Window) =>
      observeReply(window, { throttled: false, ms: 2000, epoch: window.epoch });
    expect(fast(slow(fast(openWindow(64)))).limit).toBe(openWindow(64).limit + 2);
    let window = fast(openWindow(64));
    const { limit } = window;
    for (let each = 0; each < limit; each += 1) window = slow(window);
    expect(fast(window).limit).toBe(limit);
  });

  it('does not grow on slow replies', () => {
    let window = fast(openWindow(64));
    const { limit } = window;
    for (let each = 0; each < 50; each += 1) {
      window = observeReply(window, { throttled: false, ms: 2000, epoch: window.epoch });
    }
    expect(window.limit).toBe(limit);
  });
});

it('a least size bounds the cuts', () => {
  let window = openWindow(64, 8);
  for (let cut = 0; cut < 5; cut += 1)
    window = observeReply(window, { throttled: true, ms: 5, epoch: window.epoch });
  expect(window.limit).toBe(8);
  expect(openWindow(64, 40).limit).toBe(40);
});
