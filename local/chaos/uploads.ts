import type { Draw } from './draw.ts';
import {
  contractEnds,
  dates,
  impossibleContracts,
  periods,
  type Subject,
  unreadableDates,
  unreadablePeriods,
} from './expected.ts';

/** One upload, and what its user does to it at once. */
export interface Upload extends Subject {
  readonly body: string;
  /** `marker`: deletes the key, which makes a delete marker; `version`: tries to delete this version for good. */
  readonly deletion: 'none' | 'marker' | 'version';
}

export const objectBuckets = ['fin-eu', 'audit-eu', 'app-records', 'contracts', 'loose'] as const;

const names = [
  'plan.md',
  '年度 账本+50%.csv',
  'a b&c=d?e#f.txt',
  '%41%2F.bin',
  'it\'s "quoted" <x>.xml',
  'ünïcode/ñandú.pdf',
  '报表/第1季度.xlsx',
  '.hidden',
  'dots..and...more/file',
  '$&+,;=@~.log',
];

const folders: Readonly<Record<(typeof objectBuckets)[number], readonly string[]>> = {
  'fin-eu': ['ledger', 'ledger/2028', 'notes', 'ledgers'],
  'audit-eu': ['2028', 'tmp', 'tmp2', 'a/tmp'],
  'app-records': ['keep', 'mail', 'keep/deep/er'],
  contracts: ['signed'],
  loose: ['any'],
};

/** Each one that cannot have its way is tried to the end, nine times: they are kept few. */
const hopelessRate = 0.02;

/** Versions of one key, one after the other in a burst, or a single one. */
export function drawBurst(draw: Draw): Upload[] {
  const bucket = draw.pick(objectBuckets);
  const key = `${draw.pick(folders[bucket])}/${draw.between(1, 60)}-${draw.pick(names)}`;
  const length = draw.chance(0.3) ? draw.between(2, 5) : 1;
  const sameContent = draw.chance(0.3);
  return Array.from({ length }, () => ({
    bucket,
    key,
    tags: drawTags(draw, bucket),
    body: sameContent ? 'the same' : `content ${draw.between(0, 2 ** 31)}`,
    deletion: draw.chance(0.03) ? 'marker' : draw.chance(0.02) ? 'version' : 'none',
  }));
}

function drawTags(draw: Draw, bucket: (typeof objectBuckets)[number]): Record<string, string> {
  const other: Record<string, string> = draw.chance(0.2)
    ? { 项目: '保留 1/2', owner: 'a+b@c'.slice(0, 3) }
    : {};
  switch (bucket) {
    case 'fin-eu':
      return {
        ...other,
        ...draw.pick([{ class: 'finance' }, { class: 'finance' }, { class: 'Finance' }, {}]),
      };
    case 'app-records':
      return { ...other, ...drawPeriod(draw), ...drawDate(draw) };
    case 'contracts':
      return draw.chance(0.2)
        ? other
        : { ...other, 'closed-on': drawValue(draw, contractEnds, impossibleContracts) };
    default:
      return other;
  }
}

function drawPeriod(draw: Draw): Record<string, string> {
  if (draw.chance(0.4)) return {};
  const values = [...Object.keys(periods), ...unreadablePeriods]; // these fall to `otherwise`
  return { 'retain-for': draw.pick(values) };
}

function drawDate(draw: Draw): Record<string, string> {
  return draw.chance(0.6) ? {} : { 'retain-until': drawValue(draw, dates, unreadableDates) };
}

const drawValue = (draw: Draw, good: Readonly<Record<string, string>>, bad: readonly string[]): string =>
  draw.pick(draw.chance(hopelessRate) ? bad : Object.keys(good));
