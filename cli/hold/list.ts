import { recordFile } from '../../shared/matters/name.ts';
import { scopeToText } from '../../shared/matters/record.ts';
import {
  findMatter,
  isMatterOpen,
  isWhollyHeld,
  lastHeld,
  type Matter,
  type Opening,
  type UnreadableRecord,
} from '../../shared/matters/state.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { color, prose, type Report, table } from '../terminal/output.ts';
import { aligned } from '../world/policy-facts.ts';
import { checkMatterName, type HoldOptions } from './options.ts';
import { openHoldWorld } from './world.ts';

/** Lists all matters. Exit code 1 when a record cannot be read. */
export async function listMatters(options: HoldOptions): Promise<Report> {
  const { readMatters } = await openHoldWorld(options);
  const { all, unreadable } = await readMatters();
  const rows = all.flatMap(listRows);
  const shown =
    rows.length === 0
      ? 'there are no matters'
      : table(['name', 'state', 'opened', 'by', 'held', 'reason'], rows);
  return {
    text: [shown, ...unreadable.map(unreadableText)].join('\n'),
    json: { matters: all.map(matterJson), unreadable: unreadable.map(unreadableJson) },
    exitCode: unreadable.length > 0 ? 1 : 0,
  };
}

/** Shows one matter with all that was done about it. @throws USAGE, MATTER_UNKNOWN */
export async function showMatter(id: string, options: HoldOptions): Promise<Report> {
  checkMatterName(id);
  const { readMatters } = await openHoldWorld(options);
  const matters = await readMatters();
  const matter = findMatter(matters, id);
  const unreadable = matters.unreadable.filter(({ name }) => name.id === id);
  if (matter === undefined && unreadable[0] === undefined) throw failure('MATTER_UNKNOWN', { matter: id });
  return {
    text: [...(matter === undefined ? [] : [matterText(matter)]), ...unreadable.map(unreadableText)].join(
      '\n',
    ),
    json: {
      matter: matter === undefined ? null : matterJson(matter),
      unreadable: unreadable.map(unreadableJson),
    },
    exitCode: unreadable.length > 0 ? 1 : 0,
  };
}

/** Returns a row for each person who has opened a matter: one, unless two did so in the same moment. */
const listRows = (matter: Matter): string[][] =>
  matter.openings.map(({ opened, released }, index) => [
    matter.id,
    released === undefined ? color.yellow('open') : 'released',
    formatInstant(opened.at),
    opened.by.caller,
    index === 0 ? heldBy(matter) : 'with the one above',
    visible(opened.reason),
  ]);

/** Versions that the last pass has put a hold on; nothing before a pass has ended. */
function heldBy(matter: Matter): string {
  const last = lastHeld(matter);
  if (last === undefined) return 'not all';
  const kept = last.counts['retained'] ?? 0;
  const isWhole = isWhollyHeld(matter);
  return `${last.counts['held'] ?? 0}${kept === 0 ? '' : ` (${kept} by retention)`}${isWhole ? '' : ', not all'}`;
}

function matterText(matter: Matter): string {
  const title = `${color.bold(matter.id)}  ${isMatterOpen(matter) ? color.yellow('open') : 'released'}`;
  return `${title}\n${aligned([...matter.openings.flatMap(openingLines), ...passLines(matter)])}`;
}

/** Says who has opened a matter, when and why, and what it names; and who has released it. */
export function openingLines({ opened, released }: Opening): [string, string][] {
  const { match, tags = {}, from, until } = scopeToText(opened.scope);
  const lines: [string, string][] = [
    ['opened', `${formatInstant(opened.at)} by ${opened.by.caller}, from ${opened.by.callerFrom}`],
    ['reason', visible(opened.reason)],
    ['match', visible(match.join(' '))],
    ...Object.entries(tags).map(([name, glob]): [string, string] => ['tag', visible(`${name}=${glob}`)]),
    ...(from === undefined ? [] : ([['from', from]] satisfies [string, string][])),
    ...(until === undefined ? [] : ([['until', `before ${until}`]] satisfies [string, string][])),
  ];
  if (released !== undefined) {
    lines.push([
      'released',
      `${formatInstant(released.at)} by ${released.by.caller}: ${visible(released.reason)}`,
    ]);
  }
  return lines;
}

/** Says what each pass over the versions of a matter has done. */
export const passLines = ({ passes }: Matter): [string, string][] =>
  passes.map(({ kind, at, complete, counts, withoutHolds = [], partlyHeld = [], reason }) => {
    const told = Object.entries(counts).filter(([, count]) => count > 0);
    const none = counts['looked'] ? [] : ['no version'];
    const numbers = [...none, ...told.map(([name, count]) => passCount(name, count))].join(', ');
    const without = [...withoutHolds, ...partlyHeld];
    const places = without.length === 0 ? '' : `; no legal hold in ${without.join(', ')}`;
    const why = reason === undefined ? '' : `: ${visible(reason)}`;
    return [kind, `${formatInstant(at)} ${numbers}${places}${complete ? '' : ' (not all)'}${why}`];
  });

/** Says one count of a pass. */
function passCount(name: string, count: number): string {
  switch (name) {
    case 'buckets':
      return `in ${quantity(count, 'bucket')}`;
    case 'retained':
      return `${count} kept by retention`;
    case 'over-cap':
      return `${count} longer than limits.maxRetention after Last-Modified`;
    default:
      return `${count} ${name}`;
  }
}

function matterJson(matter: Matter): unknown {
  return {
    id: matter.id,
    state: isMatterOpen(matter) ? 'open' : 'released',
    openings: matter.openings.map(({ file, opened: { at, by, reason, scope }, released }) => ({
      ...{ record: file, at, by, reason, scope: scopeToText(scope) },
      released: released === undefined ? null : { at: released.at, by: released.by, reason: released.reason },
    })),
    passes: matter.passes.map(
      ({ kind, at, by, complete, counts, withHolds, withoutHolds, partlyHeld, reason }) => ({
        ...{ kind, at, by, complete, counts, withHolds, withoutHolds, partlyHeld, reason },
      }),
    ),
  };
}

const unreadableText = ({ error, mayHold }: UnreadableRecord): string =>
  `${color.red(error.code)} ${error.message}${mayHold ? '; what it holds is not known' : ''}\n${prose(`  what to do: ${error.remedy}`)}`;

const unreadableJson = ({ name, error, mayHold }: UnreadableRecord) => ({
  ...{ id: name.id, record: recordFile(name), mayHold },
  error: { code: error.code, message: error.message },
});
