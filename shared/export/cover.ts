import type { AuditFinding } from '../audit/findings.ts';
import { formatInstant } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { visible } from '../platform/visible.ts';
import type { RegionPosture } from '../report/posture.ts';
import type { UnreadableBucket } from '../report/unreadable-bucket.ts';
import { bytes as inBytes, plural } from '../report/words.ts';
import type { BucketSince } from './targets.ts';

/** This is what a pack is about, and what was found. */
export interface ExportFacts {
  /** The instant that it is about. */
  readonly madeAt: Date;
  readonly finishedAt: Date;
  readonly holdfast: string;
  /** The access keys that were used, by their ids. */
  readonly callers: readonly string[];
  readonly cloud: string;
  readonly region: string;
  /** The regions that were looked at; undefined where it was one. */
  readonly regions: readonly RegionPosture[] | undefined;
  readonly rules: readonly string[];
  readonly from: Date | undefined;
  readonly until: Date | undefined;
  readonly buckets: readonly string[];
  readonly versions: number;
  readonly bytes: number;
  /** Versions by their standing. */
  readonly standings: Readonly<Record<string, number>>;
  /** Versions that went between the list and the look. */
  readonly gone: number;
  /** Versions that were uploaded after the export was begun; they are not in it. */
  readonly later: number;
  /** Buckets that were not as they were any more when the export was gone on with. */
  readonly since: readonly BucketSince[];
  readonly decisions: number;
  readonly matters: readonly string[];
  readonly plans: readonly string[];
  /** The plans of these of which the evidence that was read has no first step. */
  readonly plansWithoutBeginning: readonly string[];
  /** The approvals in the pack. */
  readonly approvals: readonly string[];
  readonly evidence: {
    readonly folder: string;
    /** The day from which it was read; undefined: from the first on. */
    readonly from: string | undefined;
    readonly files: number;
    readonly records: number;
    /** Files that are in the pack whole. */
    readonly kept: number;
    /** Ends of chains that no file names. */
    readonly unnamed: number;
    readonly lastAnchor: string | undefined;
  };
  readonly findings: number;
  /** The first of them. */
  readonly shownFindings: readonly AuditFinding[];
  readonly unread: readonly UnreadableBucket[];
  readonly rulesFingerprint: string;
  /** Fingerprints that the evidence names and has no text of. */
  readonly rulesWithoutText: readonly string[];
}

/** Says in one line whether the pack can be relied on. */
export function exportVerdict({ findings, unread, gone, since }: ExportFacts): string {
  const lost = cannotBeRead(since).length;
  const faults = [
    ...(findings > 0
      ? [`THE EVIDENCE IS NOT WHOLE: ${plural(findings, 'fault was', 'faults were')} found`]
      : []),
    ...(unread.length > 0
      ? [`${plural(unread.length, 'bucket', 'buckets')} COULD NOT BE READ TO THE END`]
      : []),
    ...(lost > 0 ? [`${plural(lost, 'bucket', 'buckets')} CANNOT BE READ ANY MORE`] : []),
    ...(gone > 0 ? [`${plural(gone, 'version', 'versions')} WENT WHILE THEY WERE LOOKED AT`] : []),
  ];
  return faults.length === 0
    ? 'The evidence is whole as far as it was verified, and every bucket was read.'
    : `${faults.join('. ')}.`;
}

/** Returns the buckets that cannot be looked at any more. */
export const cannotBeRead = (since: readonly BucketSince[]): BucketSince[] =>
  since.filter(({ change }) => change === 'unreadable');

/** Says what came, went or changed between the beginning of the export and its end, a line each. */
export function leftOut({ later, since }: Pick<ExportFacts, 'later' | 'since'>): string[] {
  const words = { new: 'new', gone: 'gone', unreadable: 'cannot be read any more' };
  return [
    ...since.map(
      ({ bucket, change, reason }) =>
        `${visible(bucket)}: ${words[change]} since the export was begun; ${visible(reason)}`,
    ),
    ...(later > 0
      ? [`${plural(later, 'version was', 'versions were')} uploaded after the export was begun, and left out`]
      : []),
  ];
}

/** Returns the cover of a pack, for a person who does not have Holdfast. */
export function exportCover(facts: ExportFacts): string {
  const { evidence } = facts;
  return `${[
    'EXPORT OF RECORDS UNDER RETENTION',
    '',
    exportVerdict(facts),
    ...faultLines(facts),
    ...leftOut(facts).map((line) => `  ${line}`),
    '',
    'WHAT IT IS ABOUT',
    '',
    `made          as of ${formatInstant(facts.madeAt)}, read until ${formatInstant(facts.finishedAt)}, by Holdfast ${facts.holdfast}`,
    `with          the access key${facts.callers.length === 1 ? '' : 's'} ${facts.callers.map(visible).join(', ')}`,
    ...whereLines(facts),
    `rules         ${facts.rules.map(visible).join(', ')}`,
    `period        ${periodOf(facts)} (UTC)`,
    `versions      ${facts.versions} (${inBytes(facts.bytes)})${standingsOf(facts)}`,
    `decisions     ${facts.decisions}`,
    `matters       ${facts.matters.length === 0 ? 'none' : facts.matters.join(', ')}`,
    `dispositions  ${facts.plans.length === 0 ? 'none' : facts.plans.join(', ')}`,
    ...facts.plansWithoutBeginning.map(
      (plan) =>
        `              ${visible(plan)} has steps before ${evidence.from ?? 'the first evidence'}, which are not here`,
    ),
    `approvals     ${facts.approvals.length}`,
    '',
    'A version is in it when one of the rules matches it now, and its last modification is in the period. A decision is in it when it',
    'was made in the period under one of the rules, or about a version or a bucket that one of them is for; and one that was made',
    'after the period, when it is about a version of the period. Of versions that are gone, the decisions are left. Files of Holdfast itself',
    '(evidence, dead letters) are no versions here.',
    '',
    'All of it is as of the first of the two instants above: what was uploaded, decided, opened or approved later is left out. Retention,',
    'legal holds and tags are as the service has shown them when each version was read, between the two instants.',
    '',
    'WHAT IS IN THE FOLDER',
    '',
    'versions.csv      each version: last modification, size, storage class, the rule and the date that it asks for, the retention that',
    '                  the service has shown, legal hold, matters, and the tags that a rule or a matter reads',
    'decisions.csv     each decision: when, what, until when, by which rule and whom; with its file and its number in it',
    'dispositions.csv  plans by which versions have gone: made, approved, certified, by whom, with the hash of the certificate',
    'approvals.csv     who has approved what, until when: approvals that decisions name, or that were given in the period for what this is',
    '                  about. They are in approvals/, and their record is in a file of evidence, where one was read',
    'matters.csv       each step of the legal holds that concern these versions; the records are in matters/',
    'rules.csv         the rules by their fingerprints, from when to when the evidence names them; their texts are in rules/',
    'chain.csv         each file of evidence that was read, with its hash and the file before it',
    'findings.csv      what is wrong with the evidence; without lines, nothing was found',
    'unread.csv        buckets that could not be read to their end',
    'evidence/         the files of evidence that the decisions stand in, and those that prove them, unchanged. A file is whole, so it',
    '                  may also have decisions about other versions.',
    'summary.json      this page for machines',
    'SHA256SUMS        the SHA-256 of every other file',
    '',
    'A table has its columns in its first line; instants are ISO 8601 in UTC, sizes are bytes. A text that begins with =, +, -, @, a',
    "tab or a return has an apostrophe (') before it, so that a spreadsheet does not take it for a formula.",
    '',
    'HOW TO CHECK IT WITHOUT HOLDFAST',
    '',
    '1. Nothing was changed in this folder:',
    '',
    '       sha256sum -c SHA256SUMS',
    '',
    '2. A file of evidence, and an approval, has the SHA-256 of its content in its name. This prints each one that has not:',
    '',
    ...evidenceCheck.map((line) => `       ${line}`),
    '',
    '3. The first line of a file of evidence names the file before it (previous), with its hash. A record with "action":"anchor" names',
    '   the last files of all writers (heads). So each file is named by a later one, up to the last anchor:',
    '',
    `       ${evidence.lastAnchor ?? 'there is no anchor'}`,
    '',
    '   Compare it with the anchor that somebody has written down elsewhere: then all that it leads to is as it was then.',
    '',
    `It was verified from ${evidence.from ?? 'the first day'} on while this was made: ${quantity(evidence.files, 'file')} with ${quantity(evidence.records, 'record')} in ${visible(evidence.folder)}, of which ${evidence.kept} are`,
    `here. ${plural(evidence.unnamed, 'end of a chain is', 'ends of chains are')} named by no later file yet.`,
    '',
    'WHAT IT DOES NOT PROVE',
    '',
    'The evidence says what Holdfast has decided and what the service has answered. versions.csv says what the service has shown when',
    'this was made. The files of evidence are not signed: who may write to their folder can add to it, and cannot change what is named.',
    ...(facts.cloud === 'obs'
      ? [
          'On OBS the service shows no retention to a key that may not read it: "none" may mean that the permission is missing.',
        ]
      : []),
    ...rulesLines(facts),
  ].join('\n')}\n`;
}

/** Prints each file of evidence and each approval that has not the hash in its name; for a POSIX shell. */
export const evidenceCheck = [
  "find evidence approvals -name '*.json*' 2> /dev/null | while read -r file; do",
  '  name=$(basename "$file")',
  '  [ "$(sha256sum < "$file" | cut -c 1-64)" = "$(echo "$name" | cut -d - -f 2 | cut -c 1-64)" ] || echo "changed: $file"',
  'done',
];

/** Returns a line for each region; a bucket of which only decisions are left may be in none of them. */
function whereLines({ cloud, region, regions, buckets, since }: ExportFacts): string[] {
  const line = (where: string, names: readonly string[]) =>
    `${where}: ${names.length === 0 ? 'no bucket' : names.map(visible).join(', ')}`;
  if (regions === undefined) return [`where         ${line(`${cloud}, region ${region}`, buckets)}`];
  const elsewhere = buckets.filter((bucket) => !regions.some((each) => each.buckets.includes(bucket)));
  const hasGone = (bucket: string) => since.some((each) => each.bucket === bucket && each.change === 'gone');
  const left = elsewhere.filter((bucket) => !hasGone(bucket));
  const gone = elsewhere.filter(hasGone);
  return [
    ...regions.map(({ region: name, buckets: inRegion, error }) => {
      const names = inRegion.filter((bucket) => buckets.includes(bucket));
      const failed = error === null ? '' : ` COULD NOT BE READ (${error.code})`;
      return line(`${cloud}, region ${name}${failed}`, names);
    }),
    ...(left.length === 0 ? [] : [line('of these only decisions are left', left)]),
    ...(gone.length === 0 ? [] : [line('gone since the export was begun', gone)]),
  ].map((text, index) => `${index === 0 ? 'where' : ''}`.padEnd(14) + text);
}

function faultLines({ shownFindings, findings, unread }: ExportFacts): string[] {
  const more = findings - shownFindings.length;
  return [
    ...shownFindings.map(({ fault, file, reason }) => `  ${fault} ${visible(file)}: ${visible(reason)}`),
    ...(more > 0 ? [`  and ${more} more in findings.csv`] : []),
    ...unread.map(({ bucket, code, message }) => `  ${visible(bucket)}: ${code}: ${visible(message)}`),
  ];
}

function rulesLines({ rulesFingerprint, rulesWithoutText }: ExportFacts): string[] {
  return [
    '',
    `The rules of today have the fingerprint ${rulesFingerprint}; their text is rules/today.yaml.`,
    ...(rulesWithoutText.length === 0
      ? []
      : [
          'The evidence names these rules and has not their text:',
          ...rulesWithoutText.map((fingerprint) => `  ${visible(fingerprint)}`),
        ]),
  ];
}

function periodOf({ from, until }: ExportFacts): string {
  const start = from === undefined ? 'from the first on' : `from ${formatInstant(from)}`;
  return until === undefined ? `${start}, until this was made` : `${start}, before ${formatInstant(until)}`;
}

function standingsOf({ standings }: ExportFacts): string {
  const told = Object.entries(standings).map(([standing, count]) => `${count} ${standing}`);
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}
