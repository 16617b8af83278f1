import type { CloudName } from '../platform/address.ts';
import { daysOrYears, parseDuration, type Unparsed } from '../rules/duration.ts';
import { isUnparsed } from '../rules/schema/fields.ts';
import type { Duration, ObjectPrefix } from '../rules/types.ts';
import { type Answers, conflicts, parseBuckets, parseFolder, parseRegion } from './answers.ts';
import { setupIn } from './clouds.ts';

/** The answers as texts, as somebody has typed them. */
export type Texts = { readonly [Each in Field]?: string | undefined };
export type Field = keyof typeof parsers;

const parsers = {
  region: parseRegion,
  objectBuckets: parseBuckets,
  archiveBuckets: parseBuckets,
  eventBridgeBuckets: parseBuckets,
  eventGridBuckets: parseBuckets,
  keep: (text: string) => parseDuration(text),
  max: (text: string) => parseDuration(text),
  deadLetters: parseFolder,
  inventoryBucket: parseOneBucket,
  audit: parseFolderIfGiven,
  defaultRetention: parsePeriodIfGiven,
};

/** The option of each answer on the command line. */
export const flags: Readonly<Record<Field, string>> = {
  region: '--region',
  objectBuckets: '--object-bucket',
  archiveBuckets: '--archive-bucket',
  eventBridgeBuckets: '--event-bridge',
  eventGridBuckets: '--event-grid',
  keep: '--keep',
  max: '--max',
  deadLetters: '--dead-letters',
  inventoryBucket: '--inventory-bucket',
  audit: '--audit',
  defaultRetention: '--default-retention',
};

/** Why a text is no answer; undefined when it is one. */
export function whyNot(field: Field, text: string, cloud: CloudName): string | undefined {
  const value = notUtf8(text) ?? parsers[field](text, cloud);
  return isUnparsed(value) ? value.problem : undefined;
}

/** A terminal and the arguments of a process are decoded before a program sees them, and U+FFFD stands for what was no UTF-8. */
function notUtf8(text: string): Unparsed | undefined {
  if (!text.includes('\u{fffd}')) return undefined;
  return {
    problem: 'the answer has bytes that are no UTF-8 (shown as \u{fffd}); set the terminal to UTF-8',
  };
}

/** Tells what the texts say, or every reason why they do not do. */
export function readAnswers(
  texts: Texts,
  cloud: CloudName = 'oss',
): { answers: Answers } | { problems: readonly string[] } {
  const problems: string[] = [];
  const read = <Value>(
    field: Field,
    parse: (text: string, cloud: CloudName) => Value | Unparsed,
    otherwise?: string,
  ) => {
    const text = texts[field] ?? otherwise;
    const value = text === undefined ? { problem: 'is missing' } : (notUtf8(text) ?? parse(text, cloud));
    if (!isUnparsed(value)) return value;
    problems.push(`${flags[field]}${text === undefined ? ' ' : ': '}${value.problem}`);
    return undefined;
  };
  const region = read('region', parsers.region);
  const objectBuckets = read('objectBuckets', parsers.objectBuckets, '');
  const archiveBuckets = read('archiveBuckets', parsers.archiveBuckets, '');
  const eventBridgeBuckets = read('eventBridgeBuckets', parsers.eventBridgeBuckets, '');
  const eventGridBuckets = read('eventGridBuckets', parsers.eventGridBuckets, '');
  const keep = read('keep', parsers.keep);
  const max = read('max', parsers.max);
  const deadLetters = read('deadLetters', parsers.deadLetters);
  const inventoryBucket = read('inventoryBucket', parsers.inventoryBucket, '');
  const audit = read('audit', parsers.audit, '');
  const defaultRetention = read('defaultRetention', parsers.defaultRetention, '');
  if (objectBuckets?.length === 0 && archiveBuckets?.length === 0) {
    const takesArchives = setupIn[cloud].fields.includes('archiveBuckets');
    problems.push(`${flags.objectBuckets}${takesArchives ? ` or ${flags.archiveBuckets}` : ''} is missing`);
  }
  const buckets = objectBuckets && archiveBuckets && eventBridgeBuckets && eventGridBuckets;
  if (!region || !buckets || !keep || !max || !deadLetters || problems.length > 0) return { problems };
  const answers = {
    cloud,
    region,
    objectBuckets,
    archiveBuckets,
    eventBridgeBuckets,
    eventGridBuckets,
    keep,
    max,
    deadLetters,
    inventoryBucket,
    audit,
    defaultRetention,
  };
  const found = [...setupIn[cloud].problemsOf(answers), ...conflicts(answers)];
  return found.length > 0 ? { problems: found } : { answers };
}

/** Nothing, or a folder. */
function parseFolderIfGiven(text: string, cloud: CloudName = 'oss'): ObjectPrefix | undefined | Unparsed {
  return text === '' ? undefined : parseFolder(text, cloud);
}

/** Nothing, or a period as services count them. */
function parsePeriodIfGiven(text: string): Duration | undefined | Unparsed {
  return text === '' ? undefined : daysOrYears(text);
}

/** Nothing, or the name of one bucket. */
function parseOneBucket(text: string, cloud: CloudName = 'oss'): string | undefined | Unparsed {
  const names = parseBuckets(text, cloud);
  if (isUnparsed(names)) return names;
  return names.length > 1 ? { problem: `expected one bucket, found ${names.length}` } : names[0];
}
