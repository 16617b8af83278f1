import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { type Counts, sum } from '../../shared/report/counts.ts';
import type { FailuresAndRepairs, LastRepair } from '../../shared/report/failures-and-repairs.ts';
import { headline } from '../../shared/report/headline.ts';
import type { Posture } from '../../shared/report/posture.ts';
import { type Standing, standings } from '../../shared/report/standings.ts';
import { count, plural, size, standingWords } from '../../shared/report/words.ts';
import { columnsOf } from '../../shared/terminal/columns.ts';
import { wrapUnder } from '../../shared/terminal/wrap.ts';
import { color, objectUrl, prose, shown, table } from '../terminal/output.ts';
import { regionLines } from '../world/all-regions.ts';

/** Returns the report for people at a terminal, or in a pipe. */
export function reportText(posture: Posture): string {
  const { cells, reasons, endings, months, policies, troubles, upkeep, read } = posture;
  const sections = [
    head(posture),
    cells.length === 0 ? '' : byRule(posture),
    section('needs attention', reasons.length === 0 ? '' : whyTable(posture)),
    section(`${read ? 'held' : 'expected to be held'} until`, months.length === 0 ? '' : timeline(months)),
    section(
      'deletable within',
      endings.every(({ versions }) => versions === 0)
        ? ''
        : table(
            ['days', 'versions', 'size'],
            endings.map((each) => [String(each.days), ...numbers(each)]),
          ),
    ),
    section('bucket policies', policies.length === 0 ? '' : policyTable(posture)),
    section(
      'not read',
      troubles
        .map(({ bucket, code, message }) => prose(`${color.red(code)} ${visible(bucket)}: ${message}`))
        .join('\n'),
    ),
    upkeepLines(upkeep),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

const section = (title: string, body: string): string =>
  body === '' ? '' : `${color.bold(title[0]?.toUpperCase() + title.slice(1))}\n${body}`;

const numbers = (counts: Counts): [string, string] => [count(counts.versions), size(counts)];

function head(posture: Posture): string {
  const { verdict, at, region, targets, source, versions, read } = posture;
  const paint = {
    protected: color.green,
    'not-protected': color.red,
    incomplete: color.yellow,
    'not-read': color.yellow,
  };
  const from = source === 'listing' ? 'by listing' : `by ${source}`;
  return [
    color.bold(paint[verdict](headline(posture))),
    color.dim(
      `${formatInstant(at)}, ${region}, ${targets.length === 1 ? visible(targets[0] ?? '') : plural(targets.length, 'bucket')} ${visible(from)}, ` +
        `${plural(versions.versions, 'version')}, ${size(versions)}${read ? '' : ', no retention read'}`,
    ),
  ]
    .map(prose)
    .concat(postureRegions(posture))
    .join('\n');
}

const postureRegions = ({ regions = [] }: Posture): string[] =>
  regionLines(regions.map(({ error, ...rest }) => ({ ...rest, error: error ?? undefined })));

function byRule({ cells }: Posture): string {
  const rules = [...new Set(cells.map(({ rule }) => rule))].sort();
  const rows = rules.flatMap((rule) =>
    standings
      .map((standing) => {
        const counts = sum(cells.filter((cell) => cell.rule === rule && cell.standing === standing));
        return [rule || '-', painted(standing), ...numbers(counts), counts.versions] as const;
      })
      .filter(([, , , , versions]) => versions > 0)
      .map(([name, standing, versions, total]) => [name, standing, versions, total]),
  );
  return table(['rule', 'standing', 'versions', 'size'], rows);
}

function painted(standing: Standing): string {
  const words = standingWords[standing];
  if (standing === 'unprotected' || standing === 'too-short') return color.red(words);
  if (standing === 'unknown') return color.yellow(words);
  return standing === 'protected' ? color.green(words) : words;
}

function whyTable({ cloud, reasons }: Posture): string {
  return table(
    ['standing', 'versions', 'size', 'why', 'for example'],
    reasons.map(({ standing, code, example, ...counts }) => [
      painted(standing),
      ...numbers(counts),
      code,
      objectUrl(cloud, { bucket: example.bucket, key: example.key }),
    ]),
  );
}

const barWidth = 24;
/** More months than this are told by year. */
const mostMonths = 24;

function timeline(months: Posture['months']): string {
  const years = [...new Set(months.map(({ month }) => month.slice(0, -3)))];
  const rows =
    months.length <= mostMonths
      ? months.map(({ month, ...counts }) => ({ label: month, ...counts }))
      : years.map((year) => ({
          label: year,
          ...sum(months.filter(({ month }) => month.startsWith(`${year}-`))),
        }));
  const most = Math.max(...rows.map(({ versions }) => versions));
  return table(
    [months.length <= mostMonths ? 'month' : 'year', 'versions', 'size', ''],
    rows.map(({ label, ...counts }) => {
      const bar = '='.repeat(Math.max(1, Math.round((counts.versions / most) * barWidth)));
      return [label, ...numbers(counts), bar];
    }),
  );
}

function policyTable({ policies }: Posture): string {
  return table(
    ['bucket', 'rule', 'policy', 'ends', 'next'],
    policies.map(({ bucket, rule, state, days, hoursLeft, end, holds, action, reason }) => [
      bucket,
      rule,
      (holds ? color.green : color.red)(days === undefined ? state : `${state}, ${quantity(days, 'day')}`),
      endOf(hoursLeft, end),
      `${action}: ${reason}`,
    ]),
  );
}

/** An open policy lapses in so many hours; a locked one ends on a date. */
function endOf(hoursLeft: number | undefined, end: Date | undefined): string {
  if (hoursLeft !== undefined) return `${hoursLeft.toFixed(1)} h left`;
  return end === undefined ? '-' : end.toISOString().slice(0, 10);
}

function upkeepLines({ place, deadLetters, repairs }: FailuresAndRepairs): string {
  const letters =
    'unknown' in deadLetters
      ? color.yellow(`unknown: ${deadLetters.unknown}`)
      : deadLetters.open === 0
        ? `none open in ${place}`
        : color.red(`${count(deadLetters.open)} open in ${place}${since(deadLetters.oldest)}`);
  const lines = [['dead letters', letters], ...repairTexts(repairs).map((text) => ['last repair', text])];
  return lines
    .map(([label = '', text = '']) =>
      wrapUnder(label.padEnd(15), shown(text, process.stdout), columnsOf(process.stdout)),
    )
    .join('\n');
}

const since = (oldest: Date | undefined) =>
  oldest === undefined ? '' : `, the oldest of ${formatInstant(oldest)}`;

function repairTexts(repairs: FailuresAndRepairs['repairs']): string[] {
  if ('unknown' in repairs) return [color.yellow(`unknown: ${repairs.unknown}`)];
  if (repairs.length === 0) return ['none is recorded'];
  return repairs.map((repair) => `${repair.bucket}: ${repairWords(repair)}`);
}

const repairWords = (repair: LastRepair): string =>
  'unknown' in repair
    ? color.yellow(`unknown: ${repair.unknown}`)
    : `${formatInstant(repair.completedAt)}, ${count(repair.versions)} looked at, ${count(repair.changed)} changed, ` +
      `${count(repair.failed)} failed`;
