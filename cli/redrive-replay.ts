import pLimit from 'p-limit';
import { isOpen, markLetter } from '../shared/dead-letters/box.ts';
import type { FailureText } from '../shared/dead-letters/envelope.ts';
import type { DeadLetter } from '../shared/dead-letters/letter.ts';
import { partsOf } from '../shared/platform/error-text.ts';
import type { ObjectPrefix } from '../shared/rules/types.ts';
import type { Cloud } from './cloud-options.ts';
import { type Found, type FoundLetter, subject } from './dead-letters.ts';
import { onInterrupt } from './interrupt.ts';
import type { Ending } from './local-function.ts';
import { color, describeError, type Report, table } from './output.ts';
import type { RedriveOptions } from './redrive.ts';
import { type Replayer, replayerFor } from './replayer.ts';

/** What became of one replay. */
interface Outcome {
  readonly found: FoundLetter;
  readonly replayed: boolean;
  /** What the function answered; of a failure, its new error. */
  readonly detail: unknown;
  /** The function failed, or the letter could not be read or marked. */
  readonly error?: FailureText;
}

/** Replays what was found, notes beside each letter how it ended, and reports it. */
export async function replay(
  cloud: Cloud,
  place: ObjectPrefix,
  { letters, open }: Found,
  options: RedriveOptions,
): Promise<Report> {
  onInterrupt(stopMidway);
  const dryRun = options.dryRun === true;
  const replayer = await replayerFor(options);
  try {
    const limit = pLimit(replayer.concurrency);
    const outcomes = await Promise.all(
      letters.map((found) =>
        limit(async () => {
          const outcome = await replayOne(replayer, found);
          return dryRun ? outcome : await mark(cloud, place, outcome);
        }),
      ),
    );
    const closed = outcomes.filter(({ found, replayed }) => replayed && isOpen(found.entry)).length;
    return report(outcomes, dryRun ? open : open - closed, dryRun);
  } finally {
    await replayer.close();
  }
}

async function replayOne(replayer: Replayer, found: FoundLetter): Promise<Outcome> {
  if ('error' in found) return failed(found, describeError(found.error));
  try {
    const ending = await replayer.replay(found.letter);
    if ('error' in ending) return failed(found, thrownBy(ending));
    return { found, replayed: true, detail: ending.result };
  } catch (error) {
    return failed(found, describeError(error));
  }
}

const failed = (found: FoundLetter, error: FailureText): Outcome => ({
  found,
  replayed: false,
  detail: error,
  error,
});

const thrownBy = ({ error }: Extract<Ending, { readonly error: unknown }>): FailureText => ({
  code: error.errorType,
  ...partsOf(error.errorMessage),
});

/** A replay that could not be noted stays open, and is replayed again the next time. */
async function mark({ storage, clock }: Cloud, place: ObjectPrefix, outcome: Outcome): Promise<Outcome> {
  const word = outcome.replayed ? 'replayed' : 'failed';
  try {
    await markLetter(storage, place, outcome.found.entry, word, outcome.detail, clock.now());
    return outcome;
  } catch (error) {
    const { code, message, remedy } = describeError(error);
    const text = `${word}, and could not be marked so: ${message}`;
    return { ...outcome, replayed: false, error: { code, message: text, remedy } };
  }
}

function stopMidway(): void {
  process.stderr.write('\ninterrupted: what was replayed until now is marked; `holdfast redrive` shows it\n');
  process.exit(130);
}

function report(outcomes: readonly Outcome[], open: number, dryRun: boolean): Report {
  const again = outcomes.filter(({ error }) => error !== undefined);
  const rows = outcomes.map((outcome) => {
    const { found } = outcome;
    const letter: DeadLetter | undefined = 'letter' in found ? found.letter : undefined;
    return [
      found.entry.id,
      letter?.function ?? '-',
      letter === undefined ? '-' : subject(letter.payload),
      inWords(outcome, dryRun),
    ];
  });
  const verb = dryRun ? 'would succeed' : 'replayed';
  const count = `${outcomes.length - again.length} ${verb}, ${again.length} failed again, ${open} open now`;
  const head = ['id', 'function', 'object', 'result'];
  return {
    text: rows.length === 0 ? `nothing to replay, ${open} open` : `${table(head, rows)}\n${count}`,
    json: {
      dryRun,
      open,
      replays: outcomes.map(({ found, replayed, detail, error }) => ({
        id: found.entry.id,
        replayed,
        ...(error === undefined ? { result: detail } : { error }),
      })),
    },
    exitCode: again.length > 0 ? 1 : 0,
  };
}

function inWords({ error, detail }: Outcome, dryRun: boolean): string {
  if (error === undefined) {
    return `${color.green(dryRun ? 'would succeed:' : 'replayed:')} ${JSON.stringify(detail)}`;
  }
  const remedy = error.remedy === '' ? '' : `; what to do: ${error.remedy}`;
  return `${color.red('failed again:')} ${error.code}: ${error.message}${remedy}`;
}
