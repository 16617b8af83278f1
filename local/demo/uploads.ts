import { day } from '../../shared/platform/instant.ts';
import type { Content } from '../plain-uploads.ts';

/** This is what one upload is to end with: kept by a rule, free because no rule matches, or free and reported. */
export type Expectation =
  | { readonly kind: 'kept'; readonly rule: string; until(lastModified: Date): Date }
  | { readonly kind: 'free' }
  | { readonly kind: 'reported'; readonly rule: string; readonly code: string };

export interface Upload extends Content {
  readonly bucket: string;
  /** This is what it is there to show. */
  readonly note?: string;
  readonly expect: Expectation;
}

const partSize = 100 * 1024; // the smallest that OSS takes

/** Returns the uploads of the demo; tags hold dates, so they depend on the current year (UTC). */
export function uploadsOf(year: number): Upload[] {
  const finance = { class: 'finance' };
  return [
    { ...at('fin-eu', 'ledger/q3.parquet'), tags: finance, expect: kept('finance', years(7)) },
    {
      ...at('fin-eu', 'ledger/q3-scans.tar', Buffer.alloc(2.5 * partSize, 'scan')),
      tags: finance,
      partSize,
      note: 'sent in 3 parts',
      expect: kept('finance', years(7)),
    },
    { ...at('fin-eu', 'ledger/年度 账本+50%.csv'), tags: finance, expect: kept('finance', years(7)) },
    { ...at('fin-eu', 'notes/todo.txt'), tags: finance, expect: { kind: 'free' } },
    { ...at('audit-eu', '2026/login.log'), tags: {}, expect: kept('logs', days(400)) },
    {
      ...at('app-records', 'minutes.docx'),
      tags: { 'retain-for': '26w' },
      expect: kept('by-tag', days(182)),
    },
    ...overwritten([
      ['90d', days(90)],
      ['5y', years(5)],
      ['18mo', months(18)],
    ]),
    {
      ...at('app-records', 'permit.pdf'),
      tags: { 'retain-until': `${year + 6}-01-01` },
      note: 'all day',
      expect: kept('until-tag', () => new Date(Date.UTC(year + 6, 0, 2))),
    },
    {
      ...at('contracts', 'no-4711.pdf'),
      tags: { 'closed-on': `${year - 1}-03-31` },
      note: '+ 6 years',
      expect: kept('contract-end', () => new Date(Date.UTC(year + 5, 3, 1))),
    },
    {
      ...at('app-records', 'letter.eml'),
      tags: { 'retain-until': 'soon' },
      note: 'no date',
      expect: { kind: 'reported', rule: 'until-tag', code: 'TAG_UNREADABLE' },
    },
  ];
}

/** Uploads that show OBS: one of each kind is enough. */
const shownOnObs = [
  'ledger/q3.parquet',
  'ledger/年度 账本+50%.csv',
  'notes/todo.txt',
  '2026/login.log',
  'plan.md',
];

/** Returns the uploads of the demo to OBS, for the current year (UTC). */
export const obsUploadsOf = (year: number): Upload[] =>
  uploadsOf(year).filter(({ key }) => shownOnObs.includes(key));

type Calculation = (from: Date) => Date;

/** Versions of one key, each with its own content, tag and date. */
function overwritten(versions: readonly (readonly [tag: string, until: Calculation])[]): Upload[] {
  return versions.map(([tag, until], index) => ({
    ...at('app-records', 'plan.md', Buffer.from(`draft ${index + 1}`)),
    tags: { 'retain-for': tag },
    note: `version ${index + 1} of ${versions.length}`,
    expect: kept('by-tag', until),
  }));
}

const at = (bucket: string, key: string, body = Buffer.from(key)) => ({ bucket, key, body });

const kept = (rule: string, until: Calculation): Expectation => ({ kind: 'kept', rule, until });

// Arithmetic of the demo's own, so that a mistake in Holdfast's cannot hide behind itself.
const days =
  (count: number): Calculation =>
  (from) =>
    new Date(from.getTime() + count * day);

const years = (count: number): Calculation => months(12 * count);

/** Calendar months in UTC; a day that the month does not have becomes its last. */
function months(count: number): Calculation {
  return (from) => {
    const year = from.getUTCFullYear();
    const month = from.getUTCMonth() + count;
    const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const start = Date.UTC(year, month, Math.min(from.getUTCDate(), lastDay));
    return new Date(start + (from.getTime() % day));
  };
}
