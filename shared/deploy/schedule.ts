import { Cron } from 'croner';
import { day, hour, minute, second } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';

/**
 * Timer expressions of Function Compute: six cron fields (second minute hour day month weekday) in UTC, the
 * same after `CRON_TZ=Area/City `, or `@every 15m` (Function Compute, timer triggers; the syntax is that of
 * robfig/cron, which has no `L`, `W` and `#`, and where `?` means `*`).
 */
export type Schedule =
  | { readonly kind: 'every'; readonly ms: number }
  | { readonly kind: 'cron'; readonly fields: readonly string[]; readonly zone: string };

const units: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour };

const field = /^(?:[\d*,/-]|sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)+$/i;

/**
 * Reads a timer expression.
 * @throws Error with one plain sentence when Function Compute would refuse it or it would never fire
 */
export function parseSchedule(expression: string): Schedule {
  const every = /^@every\s+(\S+)$/.exec(expression);
  if (every) return { kind: 'every', ms: parsePeriod(every[1] ?? '') };
  const match = /^(?:CRON_TZ=(\S+)\s+)?(.*)$/.exec(expression.trim());
  const zone = match?.[1] ?? 'UTC';
  const fields = (match?.[2] ?? '').split(/\s+/).map((text) => text.replaceAll('?', '*'));
  if (fields.length !== 6) {
    throw new Error(
      `"${expression}" has ${quantity(fields.length, 'field')}, not 6: second minute hour day month weekday`,
    );
  }
  const bad = fields.find((text) => !field.test(text));
  if (bad !== undefined) throw new Error(`"${bad}" in "${expression}" is not a cron field`);
  if (!isZone(zone)) throw new Error(`"${zone}" in "${expression}" is not a time zone`);
  const schedule: Schedule = { kind: 'cron', fields, zone };
  if (nextRun(schedule, new Date(0)) === undefined) throw new Error(`"${expression}" never fires`);
  return schedule;
}

function parsePeriod(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  if (parts.map(([part]) => part).join('') !== text || ms < second || !Number.isSafeInteger(ms)) {
    throw new Error(`"@every ${text}" is not a period of at least a second, such as 15m or 1h30m`);
  }
  return ms;
}

/** Returns the first firing strictly after an instant; nothing if there is none. */
export function nextRun(schedule: Schedule, after: Date): Date | undefined {
  if (schedule.kind === 'every') return new Date(after.getTime() + schedule.ms);
  return cron(schedule.fields, schedule.zone).nextRun(after) ?? undefined;
}

function cron(fields: readonly string[], zone: string): Cron {
  // Croner asks Intl about a zone at each step, which takes five times as long as the step; UTC needs no such question.
  const where = zone === 'UTC' ? { utcOffset: 0 } : { timezone: zone };
  return new Cron(fields.join(' '), { ...where, paused: true });
}

/**
 * Returns the longest time in milliseconds that can pass between two firings of a timer expression. In a zone with
 * daylight saving time it counts double, since Function Compute may skip a run there when the clock changes.
 * @throws Error as {@link parseSchedule}
 */
export function timerGapMs(cronExpression: string): number {
  const schedule = parseSchedule(cronExpression);
  if (schedule.kind === 'every') return schedule.ms;
  const [seconds = '*', minutes = '*', hours = '*', ...days] = schedule.fields;
  const inMinute = spread([seconds, '*', '*', '*', '*', '*'], minute);
  const inDay = nest(inMinute, spread(['0', minutes, hours, '*', '*', '*'], day));
  const everyDay = days.every((text) => text === '*');
  const dayGap = everyDay ? day : spread(['0', '0', '0', ...days], eightYears).gap;
  const gap = Math.max(inDay.gap, dayGap - (inDay.last - inDay.first));
  return savesDaylight(schedule.zone) ? 2 * gap : gap;
}

/** The firings within one unit of time: offsets of the first and the last, and the longest time between two. */
interface Spread {
  readonly first: number;
  readonly last: number;
  readonly gap: number;
}

const eightYears = 8 * 365.25 * day;
const sampleStart = Date.UTC(2028, 0, 1);

function spread(fields: readonly string[], unitMs: number): Spread {
  const pattern = cron(fields, 'UTC');
  const runs: number[] = [];
  let run = pattern.nextRun(new Date(sampleStart - 1));
  while (run !== null && (runs.at(-1) ?? 0) < unitMs) {
    runs.push(run.getTime() - sampleStart);
    run = pattern.nextRun(run);
  }
  const gaps = runs.slice(1).map((at, index) => at - (runs[index] ?? at));
  const within = runs.filter((at) => at < unitMs);
  return { first: within[0] ?? 0, last: within.at(-1) ?? 0, gap: Math.max(0, ...gaps) };
}

/** Firings within a longer unit, each of whose firings stands for a whole run of the shorter one. */
function nest(inner: Spread, outer: Spread): Spread {
  return {
    first: outer.first + inner.first,
    last: outer.last + inner.last,
    gap: Math.max(inner.gap, outer.gap - (inner.last - inner.first)),
  };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

function savesDaylight(zone: string): boolean {
  const offset = (month: number) =>
    new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
      .formatToParts(new Date(Date.UTC(2028, month, 1)))
      .find((part) => part.type === 'timeZoneName')?.value;
  return offset(0) !== offset(6);
}
