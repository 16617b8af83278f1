import { day, hour, minute, second } from '../shared/platform/instant.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, min: minute, h: hour, d: day };

/**
 * Reads a span of time such as `21h`, `90min`, `1d12h`, in ms, s, m (or min), h and d.
 * @returns milliseconds; nothing when it is not one
 */
export function parseSpan(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|s|min|m|h|d))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+)(ms|s|min|m|h|d)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
}
