import { day } from '../../shared/platform/instant.ts';

/**
 * This is what rules.yaml asks of a version, calculated a second time and by other means: no rules file, no globs and
 * no reading of durations or dates, but the rules as plain conditions and the few values that uploads use in tables.
 * It imports nothing that the product decides with, so that a mistake there cannot hide behind itself.
 */
export interface Expected {
  /** Until when it is to be kept; undefined when no rule keeps it, or only until a date that has passed. */
  readonly until: Date | undefined;
  /** A rule that matches cannot have its way, so that a person is to be told of the version. */
  readonly problem: boolean;
  /** Another date that is right too: renewals are spread, and some keys get their second generation in the first days. */
  readonly renewed?: Date;
}

export type Tags = Readonly<Record<string, string>>;

export interface Subject {
  readonly bucket: string;
  readonly key: string;
  readonly tags: Tags;
}

/** Calendar months and days from a start. */
export interface Span {
  readonly months?: number;
  readonly days?: number;
}

/** Values of the tag retain-for. */
export const periods: Readonly<Record<string, Span>> = {
  '90d': { days: 90 },
  '26w': { days: 182 },
  '18mo': { months: 18 },
  '1y6mo': { months: 18 },
  P2Y: { months: 24 },
  '5y': { months: 60 },
  '10d': { days: 30 }, // below atLeast
  '30y': { months: 120 }, // above atMost
};
export const unreadablePeriods = ['soon', '7', '1.5y', '-3d', '7 years', '1m', '永久'];

/** Dates in tags, as the first instant after what they keep. */
export const dates: Readonly<Record<string, string>> = {
  '2033-01-01': '2033-01-02T00:00:00Z',
  '2034-06-30T12:00:00Z': '2034-06-30T12:00:00Z',
  '2034-06-30T12:00:00+08:00': '2034-06-30T04:00:00Z',
  '2035-01-01T00:00:00.5Z': '2035-01-01T00:00:01Z', // up to the full second
  '2099-12-31': '2100-01-01T00:00:00Z', // above atMost
  '2020-02-28': '2020-02-29T00:00:00Z', // past
};
export const unreadableDates = ['soon', '2033-02-30', '31.12.2033', '2033', '2033-W05'];

/** Dates that contracts end on, as the end of six years from that day's end. */
export const contractEnds: Readonly<Record<string, string>> = {
  '2026-03-31': '2032-04-01T00:00:00Z',
  '2028-02-28': '2034-03-01T00:00:00Z', // the whole of 28 February
  '2027-06-30T18:30:00Z': '2033-06-30T18:30:00Z',
  '2020-02-29': '2026-03-01T00:00:00Z', // past
};
/** Generations of a case that is open, and the period after the day on which it was closed, in days. */
export const caseDays = { generation: 90, period: 200 } as const;

/** Returns the end of the period of a case that was closed on a day. */
export const caseEnd = (closedOn: string): Date =>
  new Date(Date.parse(`${closedOn}T00:00:00Z`) + (1 + caseDays.period) * day);

/** Six years from here pass limits.maxRetention, or there is no date at all. */
export const impossibleContracts = ['2090-01-01', 'never', '2027-13-01'];

/**
 * This is what one rule asks: a date, `impossible` when it matches and cannot have its way, nothing when it does not
 * match.
 */
type Asked = Date | 'impossible' | undefined;

const rules: readonly ((subject: Subject, from: Date) => Asked)[] = [
  ({ bucket, key, tags }, from) =>
    bucket.startsWith('fin-') && key.startsWith('ledger/') && tags['class'] === 'finance'
      ? plus(from, { months: 84 })
      : undefined,
  ({ bucket, key }, from) =>
    bucket.startsWith('audit-') && !key.startsWith('tmp/') ? plus(from, { days: 400 }) : undefined,
  ({ bucket, tags: { 'retain-for': value } }, from) =>
    bucket.endsWith('-records') && value !== undefined
      ? plus(from, periods[value] ?? { months: 12 })
      : undefined,
  ({ bucket, tags: { 'retain-until': value } }, from) => {
    if (!bucket.endsWith('-records') || value === undefined) return undefined;
    const until = instantOf(dates[value]);
    const latest = plus(from, { months: 120 });
    return until === 'impossible' || until < latest ? until : latest;
  },
  ({ bucket, key }, from) =>
    bucket.endsWith('-records') && key.startsWith('keep/') ? plus(from, { days: 90 }) : undefined,
  ({ bucket, tags: { 'closed-on': value } }) =>
    bucket === 'contracts' && value !== undefined ? instantOf(contractEnds[value]) : undefined,
  // The storm and the calm are over in a few days.
  ({ bucket, tags: { 'closed-on': value } }, from) => {
    if (bucket !== 'cases') return undefined;
    return value === undefined ? plus(from, { days: caseDays.generation }) : caseEnd(value);
  },
];

/** @param now only tells what has passed already; no date of the tables is near it */
function expectedOf(subject: Subject, lastModified: Date, now: Date): Expected {
  const asked = rules.map((rule) => rule(subject, lastModified));
  const last = Math.max(...asked.map((each) => (each instanceof Date ? each.getTime() : 0)));
  const until = last > now.getTime() ? new Date(last) : undefined;
  const isOpenCase = subject.bucket === 'cases' && subject.tags['closed-on'] === undefined;
  return {
    until,
    problem: asked.includes('impossible'),
    ...(isOpenCase && { renewed: plus(lastModified, { days: 2 * caseDays.generation }) }),
  };
}

export interface ExpectedAfter extends Expected {
  /** Dates that earlier tags asked for, later than those of the latest: right if an event was handled in time to see them. */
  readonly earlier: readonly Date[];
}

/**
 * Tells what the rules ask of a version whose tags were changed: OSS sends no event for that, and nothing is ever
 * shortened.
 */
export function expectedAfter(
  { bucket, key, history }: Omit<Subject, 'tags'> & { readonly history: readonly Tags[] },
  lastModified: Date,
  now: Date,
): ExpectedAfter {
  const [latest, ...before] = history
    .map((tags) => expectedOf({ bucket, key, tags }, lastModified, now))
    .reverse();
  if (latest === undefined) throw new RangeError('every version has had tags, be it none');
  const later = ({ until, renewed }: Expected) =>
    [until, renewed].flatMap((date) =>
      date !== undefined && (latest.until === undefined || date > latest.until) ? [date] : [],
    );
  const { renewed } = latest;
  return { ...latest, earlier: [...(renewed ? [renewed] : []), ...before.flatMap(later)] };
}

/** Adds the generations by which a matter may keep a version in its first days: none of them counts where the rules ask for more. */
export function withGenerations(asked: ExpectedAfter, lastModified: Date): ExpectedAfter {
  const generations = [1, 2].map((count) => plus(lastModified, { days: count * caseDays.generation }));
  const { until, earlier } = asked;
  return {
    ...asked,
    earlier: [...earlier, ...generations.filter((date) => until === undefined || date > until)],
  };
}

const instantOf = (text: string | undefined): Date | 'impossible' =>
  text === undefined ? 'impossible' : new Date(text);

/** In UTC; a day that the month does not have becomes its last. */
export function plus(from: Date, { months = 0, days = 0 }: Span): Date {
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const date = Date.UTC(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay));
  return new Date(date + (from.getTime() % day) + days * day);
}
