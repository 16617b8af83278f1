import { color } from '../../shared/terminal/color.ts';
import { table } from '../../shared/terminal/table.ts';
import { type Comparison, differences } from './compare.ts';
import type { ChaosOptions } from './options.ts';
import type { Watch } from './watch.ts';
import { brokenShare } from './weather.ts';

const most = 10;

/** Returns the counts, the first differences, and how to repeat the run. */
export function reportText(
  options: ChaosOptions,
  comparison: Comparison,
  letters: number,
  watch: Watch,
): string {
  const { found, versions, kept, free, told, policies } = comparison;
  const { invocations, requests, storm } = watch;
  const failed = percent(storm.broken / Math.max(storm.calls, 1));
  const { given, happened, done, refused, certified } = watch.approvals;
  const approved: [string, number, string][] = [
    ['approvals', given, `${happened} times one was needed`],
    ['acts done', done, `${refused} refused for want of an approval`],
    ['dispositions certified', certified, ''],
  ];
  const did: [string, number, string][] = [
    ['versions compared', versions, ''],
    ['protected as asked', kept, ''],
    ['free as asked', free, ''],
    ['cannot have its way', told, 'and a person was told'],
    ['policies compared', policies, ''],
    ['invocations', invocations.total, `${invocations.failed} failed, ${invocations.dead} given up`],
    ['requests of functions', requests.functions, ''],
    ['in the storm', storm.calls, `${failed} failed, ${percent(brokenShare(options))} asked`],
    ['requests of others', requests.others, ''],
    ['dead letters', letters, ''],
    ...(options.approvals > 0 ? approved : []),
  ];
  const counts = differences.map((kind): [string, number, string] => [
    kind,
    found.filter((each) => each.kind === kind).length,
    '',
  ]);
  const rows = [
    ...did.map(([what, count, note]) => [what, String(count), note]),
    ...counts.map(([what, count]) => [
      what,
      String(count),
      count === 0 ? color.green('ok') : color.red('WRONG'),
    ]),
  ];
  const first = found.slice(0, most).map(({ kind, what }) => `  ${color.red(kind)}  ${what}`);
  const verdict =
    found.length === 0
      ? color.green('Everything is as the rules ask.')
      : [color.red(`${found.length} differences, the first ${first.length}:`), ...first].join('\n');
  return [
    table(['what', 'count', ''], rows),
    '',
    verdict,
    `repeat with: npm run chaos -- ${flagsOf(options)}`,
  ].join('\n');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function flagsOf({ repair, ...rest }: ChaosOptions): string {
  const flags = Object.entries(rest).map(([name, value]) => `--${name} ${value}`);
  const named = flags.map((flag) => flag.replace('--lateTags', '--late-tags'));
  return [...named, ...(repair ? [] : ['--no-repair'])].join(' ');
}
