import { type ChangeKind, changeKinds } from '../../shared/diff/change.ts';
import { costOf, type Prices } from '../../shared/diff/prices.ts';
import type { RulesDiff } from '../../shared/diff/run.ts';
import type { DiffRow } from '../../shared/diff/totals.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { visible } from '../../shared/platform/visible.ts';
import { sum } from '../../shared/report/counts.ts';
import { bytes, count, plural, size } from '../../shared/report/words.ts';
import { color, objectUrl, prose, table } from '../terminal/output.ts';

/** This is what is compared, for the output. */
export interface DiffAbout {
  readonly cloud: CloudName;
  readonly before: { readonly source: string; readonly hash: string };
  readonly after: { readonly source: string; readonly hash: string };
  readonly versionsFrom: string;
  readonly prices: Prices | undefined;
}

/** The format of the JSON that `holdfast diff` prints. */
const diffFormat = 'holdfast.diff/1';

/** This is what each kind of change is called, with what its days and its date mean. */
const titles: Readonly<Record<ChangeKind, { readonly title: string; readonly days: string }>> = {
  'newly-retained': { title: 'becomes retained', days: 'days' },
  'retained-longer': { title: 'is retained for longer', days: 'days more' },
  'no-longer-retained': { title: 'would no longer become retained', days: 'days less' },
  'retained-shorter': { title: 'would be retained for less long', days: 'days less' },
  'stays-retained': { title: 'stays retained although the rules no longer ask for it', days: 'days left' },
  fails: { title: 'fails with the new rules, or could not be read', days: 'days' },
  unknown: { title: 'cannot be told from here', days: 'days' },
};

/** Tells what a comparison means, in sentences. */
function sentences({ rows, versions }: RulesDiff, { prices }: DiffAbout): string[] {
  const of = (...kinds: ChangeKind[]) => rows.filter(({ kind }) => kinds.includes(kind));
  const part = (kind: ChangeKind, words: string): string[] => {
    const found = of(kind);
    if (found.length === 0) return [];
    const counts = sum(found);
    const until = latestOf(found);
    const date =
      until === undefined || kind === 'unknown' ? '' : `, until ${formatInstant(until)} at the latest`;
    return [`${plural(counts.versions, 'version')} (${size(counts)}) ${words}${date}`];
  };
  const parts = [
    ...part('newly-retained', 'would become retained'),
    ...part('retained-longer', 'would be retained for longer'),
    ...part('no-longer-retained', 'would no longer become retained'),
    ...part('retained-shorter', 'would be retained for less long'),
    ...part('stays-retained', 'would stay retained although the rules no longer ask for it'),
    ...part('fails', 'would fail, or could not be read'),
    ...part('unknown', 'cannot be judged'),
  ];
  if (parts.length === 0) return [`No difference for ${plural(versions, 'version')}.`];
  return [...parts.map((text) => `${text}.`), ...costSentences(rows, prices)];
}

function costSentences(rows: readonly DiffRow[], prices: DiffAbout['prices']): string[] {
  if (prices === undefined) return [];
  const { more, less, stays } = costsOf(rows, prices);
  const money = (amount: number) => `${amount.toFixed(2)} ${prices.currency}`;
  return [
    `Storage until then costs ${money(more)} more${less > 0 ? `, and ${money(less)} that would have been spent is not` : ''}.`,
    ...(stays > 0 ? [`What stays retained costs ${money(stays)} until its dates.`] : []),
  ];
}

function costsOf(rows: readonly DiffRow[], prices: NonNullable<DiffAbout['prices']>) {
  const of = (...kinds: ChangeKind[]) =>
    costOf(
      rows.filter(({ kind }) => kinds.includes(kind)),
      prices,
    );
  return {
    more: of('newly-retained', 'retained-longer'),
    less: of('no-longer-retained', 'retained-shorter'),
    stays: of('stays-retained'),
  };
}

function latestOf(rows: readonly DiffRow[]): Date | undefined {
  const dates = rows.flatMap(({ latest }) => (latest === undefined ? [] : [latest.getTime()]));
  return dates.length === 0 ? undefined : new Date(Math.max(...dates));
}

const dateOf = (date: Date | undefined): string =>
  date === undefined ? '-' : formatInstant(date).slice(0, 10);

const rowOf = ({ bucket, rule, versions, mostDays, latest, ...counts }: DiffRow): string[] => [
  visible(bucket),
  rule || '-',
  count(versions),
  size({ ...counts }),
  count(Math.round(mostDays)),
  dateOf(latest),
];

const headOf = (kind: ChangeKind): string[] => [
  'bucket',
  'rule',
  'versions',
  'size',
  titles[kind].days,
  'until',
];

/** Returns the comparison for people at a terminal, or in a pipe. */
export function diffText(diff: RulesDiff, about: DiffAbout): string {
  const { before, after, versionsFrom } = about;
  const sections = groups(diff).map(({ kind, rows }) => {
    const examples = rows.flatMap(({ bucket, examples: some }) =>
      some
        .slice(0, 1)
        .map(({ key, versionId, heldBefore, heldAfter, reason }) =>
          prose(
            `  ${objectUrl(about.cloud, { bucket, key, versionId })}: ${reason ?? `${dateOf(heldBefore)} -> ${dateOf(heldAfter)}`}`,
          ),
        ),
    );
    const title = titles[kind].title;
    const head = color.bold(`${title[0]?.toUpperCase()}${title.slice(1)}`);
    return [head, table(headOf(kind), rows.map(rowOf)), color.dim('for example'), ...examples].join('\n');
  });
  const looked = `${plural(diff.versions, 'version')}, ${bytes(diff.bytes)}, by ${visible(versionsFrom)}`;
  const of = `${visible(after.source)} instead of ${visible(before.source)}, ${formatInstant(diff.at)}; ${looked}`;
  return [
    [...sentences(diff, about).map((text) => color.bold(text)), color.dim(of)].join('\n'),
    ...sections,
  ].join('\n\n');
}

function groups({ rows }: RulesDiff) {
  return changeKinds
    .map((kind) => ({ kind, rows: rows.filter((row) => row.kind === kind) }))
    .filter((group) => group.rows.length > 0);
}

/** Returns the comparison as Markdown, for a comment on a merge request. */
export function diffMarkdown(diff: RulesDiff, about: DiffAbout): string {
  const cell = (text: string) => visible(text).replace(/[\\|`]/g, '\\$&');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const sections = groups(diff).flatMap(({ kind, rows }) => [
    `**What ${titles[kind].title}**`,
    '',
    line(headOf(kind)),
    '| --- | --- | ---: | ---: | ---: | --- |',
    ...rows.map((row) => line(rowOf(row).map(cell))),
    '',
  ]);
  const { before, after } = about;
  return [
    `### Retention: \`${after.source}\` instead of \`${before.source}\``,
    '',
    ...sentences(diff, about).map((text) => `- ${text}`),
    '',
    ...sections,
    `<sub>${formatInstant(diff.at)}, ${plural(diff.versions, 'version')} looked at, by ${cell(about.versionsFrom)}</sub>`,
  ].join('\n');
}

/** Returns the comparison as machines read it. */
export function diffJson(diff: RulesDiff, { before, after, versionsFrom, prices }: DiffAbout): unknown {
  const { at, versions, bytes: total, unsized, gone, rows } = diff;
  const cost = prices && { currency: prices.currency, ...costsOf(rows, prices) };
  return {
    format: diffFormat,
    at,
    versionsFrom,
    versions,
    bytes: total,
    unsized,
    gone,
    before: { ...before, ...diff.before },
    after: { ...after, ...diff.after },
    changes: rows.map((row) => (prices === undefined ? row : { ...row, cost: costOf([row], prices) })),
    ...(cost && { cost }),
  };
}
