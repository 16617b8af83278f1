import { Argument, type Command } from 'commander';
import { type LetterEntry, openLetter } from '../shared/dead-letters/box.ts';
import { type CloudName, formatAddress } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { quantity } from '../shared/platform/quantity.ts';
import type { ObjectPrefix } from '../shared/rules/types.ts';
import type { StorageReads } from '../shared/storage/port.ts';
import { addRulesOptions, connect, readRules } from './options/cloud-options.ts';
import { usage } from './options/usage.ts';
import { asJson, type FoundLetters, findLetters, subject } from './redrive/dead-letters.ts';
import type { RedriveOptions } from './redrive/options.ts';
import { replay } from './redrive/replay.ts';
import { color, describeError, objectUrl, type Report, show, table } from './terminal/output.ts';

export function configure(command: Command): void {
  addRulesOptions(
    command
      .addArgument(
        new Argument('[what]', 'what to do').choices(['list', 'show', 'replay']).default('list', 'list'),
      )
      .argument('[id]', 'of the dead letter to show or to replay, or its beginning')
      .option('--id <id...>', 'these dead letters only')
      .option('--function <name>', 'those of this function only')
      .option('--code <code>', 'those that failed with this code only, such as TAG_UNREADABLE')
      .option('--since <time>', 'those that failed since then: ISO 8601 (UTC), or how long ago, such as 7d')
      .option('--all', 'also those that were replayed already')
      .option('--invoke', 'replay through the deployed functions instead of here, with your credentials')
      .option('--yes', 'do not ask before a replay')
      .option('--dry-run', 'replay, and send no write'),
  )
    .addHelpText('after', help)
    .action(async (what: string, id: string | undefined, options: RedriveOptions) => {
      show(await redrive(what, id, options), options);
    });
}

const help = `
Exit code 1 when a replay failed again, or a dead letter cannot be read. Nothing is deleted: a replay is noted beside
the dead letter. Replaying twice is harmless. A replay says what it is about to do and asks for the word to be typed, or
takes --yes. A dead letter is text from a bucket: it goes back to a function of Holdfast's own alone, as the kind of event
that this function takes, and a task only as the plan that is kept for it has it. --invoke finds Function Compute by ALIBABA_CLOUD_ACCOUNT_ID, or
HOLDFAST_FC_ENDPOINT.`;

async function redrive(what: string, id: string | undefined, options: RedriveOptions): Promise<Report> {
  if (options.invoke === true && options.dryRun === true) {
    throw usage('--dry-run cannot reach the deployed functions: leave --invoke out');
  }
  const rules = await readRules(options);
  const place = rules.deadLetters;
  if (place === undefined) {
    throw usage(
      `${options.rules} names no place for dead letters: set deadLetters: ${rules.cloud}://bucket/prefix/`,
    );
  }
  const cloud = await connect(options);
  if (what === 'show') return await showOne(cloud.storage, place, id);
  const ids = id === undefined ? options.id : [id, ...(options.id ?? [])];
  const found = await findLetters(cloud, place, { ...options, ...(ids && { id: ids }) });
  return what === 'replay'
    ? await replay({ cloud, rules, place }, found, options)
    : list(rules.cloud, place, found);
}

function list(cloud: CloudName, { bucket, prefix }: ObjectPrefix, { letters, open }: FoundLetters): Report {
  const place = formatAddress(cloud, { bucket, key: prefix });
  const rows = letters.map((found) => {
    const { name: id, failedAt, isDeleted } = found.entry;
    const state = stateOf(found.entry);
    const start = [id, formatInstant(failedAt), isDeleted ? `${state}, deleted` : state];
    if ('error' in found) return [...start, '-', '-', color.red(describeError(found.error).code)];
    const { function: name, payload, error } = found.letter;
    return [...start, name, subject(cloud, payload), error.code];
  });
  const head = ['id', 'when', 'state', 'function', 'object', 'code'];
  const count = `${open} open in ${place}`;
  return {
    text: rows.length === 0 ? count : `${table(head, rows)}\n${count}`,
    json: { place, open, letters: letters.map((found) => asJson(cloud, found)) },
    exitCode: letters.some((found) => 'error' in found) ? 1 : 0,
  };
}

function stateOf({ marks }: LetterEntry): string {
  const last = marks.at(-1)?.outcome ?? 'open';
  return last === 'failed' ? 'failed again' : last;
}

async function showOne(storage: StorageReads, place: ObjectPrefix, id: string | undefined): Promise<Report> {
  if (id === undefined) throw usage('show needs the id of a dead letter');
  const { letters } = await findLetters({ storage }, place, { id: [id], all: true });
  const [found] = letters;
  if (found === undefined) {
    throw failure('DEAD_LETTER_UNKNOWN', {
      id,
      place: formatAddress(storage.cloud, { bucket: place.bucket, key: place.prefix }),
    });
  }
  const { entry } = found;
  const { function: name, requestId, failedAt, attempts, error, payload } = await openLetter(storage, entry);
  const marks = entry.marks.map(({ outcome, markedAt }) => `${outcome} at ${formatInstant(markedAt)}`);
  const lines = [
    ['id', entry.name],
    ['kept as', objectUrl(storage.cloud, entry)],
    ...(entry.isDeleted ? [['deleted', 'a delete marker is on its key; this version is kept']] : []),
    ['function', `${name}, request ${requestId}`],
    ['failed at', `${formatInstant(failedAt)}, after ${quantity(attempts, 'attempt')}`],
    ['error', `${color.red(error.code)}: ${error.message}`],
    ['what to do', error.remedy || '-'],
    ['replays', marks.join(', ') || 'none'],
    ['event', payload],
  ];
  return {
    text: lines
      .map(([title = '', text = '']) => `${title.padEnd(12)}${text.replaceAll('\n', nextLine)}`)
      .join('\n'),
    json: { ...asJson(storage.cloud, found), payload },
  };
}

/** Further lines of a text stay in its column, so that none of them looks like another field. */
const nextLine = `\n${' '.repeat(12)}`;
