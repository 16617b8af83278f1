import type { Draw } from './draw.ts';
import {
  contractEnds,
  dates,
  impossibleContracts,
  periods,
  type Subject,
  type Tags,
  unreadableDates,
  unreadablePeriods,
} from './expected.ts';

/** A version that is there to be copied. */
export interface Source extends Subject {
  readonly versionId: string;
}

/** One upload, and what its user does to it at once. */
export interface Upload extends Subject {
  readonly body: string;
  readonly by: 'put' | 'multipart' | { readonly copyOf: Source };
  /** Tags that replace the first ones at once, while the event is on its way. */
  readonly retag?: Tags;
  /** `marker`: deletes the key, which makes a delete marker; `version`: tries to delete this version for good. */
  readonly deletion: 'none' | 'marker' | 'version';
}

export const objectBuckets = ['fin-eu', 'audit-eu', 'app-records', 'contracts', 'loose'] as const;

/** The bucket of the cases, and its folders. */
export const casesBucket = 'cases';
export const caseFolders = ['a', 'b', 'c'] as const;

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

/** This is what happens to this share of bursts or uploads. */
const copiedRate = 0.1;
const multipartRate = 0.02;
const retaggedRate = 0.05;

/** Days on which cases are closed in the storm: some so long ago that the period is over before a generation is. */
const closingDays = ['2028-02-27', '2028-02-29', '2028-01-15', '2027-09-01'];

/** Each one that cannot have its way is tried to the end, nine times: they are kept few. */
const hopelessRate = 0.02;

/**
 * Returns versions of one key, one after the other in a burst, or a single one.
 * @param sources what was uploaded before; a copy of it may go to another bucket, or onto itself
 * @param hot the share of bursts that go to one and the same key
 * @param cases the share of bursts that are cases
 */
export function drawBurst(
  draw: Draw,
  sources: readonly Source[],
  { hot, cases }: { readonly hot: number; readonly cases: number },
): Upload[] {
  // A run without cases draws what it always drew.
  if (cases > 0 && draw.chance(cases)) return [drawCase(draw)];
  const source = sources.length > 0 && draw.chance(copiedRate) ? draw.pick(sources) : undefined;
  const { bucket, key } = draw.chance(hot) ? hotPlace : source && draw.chance(0.3) ? source : drawPlace(draw);
  const length = draw.chance(0.3) ? draw.between(2, 5) : 1;
  const sameContent = draw.chance(0.3);
  return Array.from({ length }, () => ({
    bucket,
    key,
    body: sameContent ? 'the same' : `content ${draw.between(0, 2 ** 31)}`,
    ...drawWay(draw, bucket, source),
    ...(draw.chance(retaggedRate) && { retag: drawTags(draw, bucket) }),
    deletion: draw.chance(0.03) ? 'marker' : draw.chance(0.02) ? 'version' : 'none',
  }));
}

/** A case that is open, or is closed while its event is on the way. */
function drawCase(draw: Draw): Upload {
  const key = `${draw.pick(caseFolders)}/${draw.between(1, 500)}-${draw.pick(names)}`;
  const retag = draw.chance(0.1) ? { retag: drawTags(draw, casesBucket) } : {};
  const body = `case ${draw.between(0, 2 ** 31)}`;
  return { bucket: casesBucket, key, tags: {}, body, by: 'put', ...retag, deletion: 'none' };
}

/** A key that is written all the time, and has versions by the thousand in a long storm. */
const hotPlace = { bucket: 'fin-eu', key: 'ledger/hot + 100%.log' };

function drawPlace(draw: Draw): Pick<Subject, 'bucket' | 'key'> {
  const bucket = draw.pick(objectBuckets);
  return { bucket, key: `${draw.pick(folders[bucket])}/${draw.between(1, 60)}-${draw.pick(names)}` };
}

/** Tells how it is uploaded, and the tags it has then: a copy may keep those of its source. */
function drawWay(draw: Draw, bucket: string, source: Source | undefined): Pick<Upload, 'by' | 'tags'> {
  const tags = drawTags(draw, bucket);
  if (source === undefined || draw.chance(0.3))
    return { by: draw.chance(multipartRate) ? 'multipart' : 'put', tags };
  return { by: { copyOf: source }, tags: draw.chance(0.5) ? source.tags : tags };
}

/** Tags that a bucket's rules may read; some have none. */
export function drawTags(draw: Draw, bucket: string): Tags {
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
    case casesBucket:
      return draw.chance(0.5) ? {} : { 'closed-on': draw.pick(closingDays) };
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
