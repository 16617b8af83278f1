import type { Clock } from '../platform/clock.ts';

/** After a write the service may show the old state for a moment (seen after Extend by others' clients). */
const readBacks = { attempts: 5, pauseMs: 400 };

/**
 * Reads until what is read is as wanted, a few times with a pause between.
 * @returns what was read last, and whether it is as wanted
 */
export async function readBack<Value>(
  clock: Clock,
  read: () => Promise<Value>,
  asWanted: (value: Value) => boolean,
): Promise<{ readonly value: Value; readonly verified: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const value = await read();
    const verified = asWanted(value);
    if (verified || attempt === readBacks.attempts) return { value, verified };
    await clock.sleep(readBacks.pauseMs);
  }
}
