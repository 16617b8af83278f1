import pLimit from 'p-limit';
import { isOpen, markLetter } from '../../shared/dead-letters/box.ts';
import type { FailureText } from '../../shared/dead-letters/envelope.ts';
import type { DeadLetter } from '../../shared/dead-letters/letter.ts';
import type { ReplayedFunction } from '../../shared/dead-letters/own-functions.ts';
import { checkReplay } from '../../shared/dead-letters/replay.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { partsOf } from '../../shared/platform/error-text.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { ObjectPrefix, Rules } from '../../shared/rules/types.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { confirmWord } from '../terminal/confirm.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { describeError, note, type Report, table } from '../terminal/output.ts';
import { evidenceOf } from '../world/evidence.ts';
import { serviceOffsetMs } from '../world/service-time.ts';
import { type FoundLetter, type FoundLetters, subject } from './dead-letters.ts';
import type { RedriveOptions } from './options.ts';
import { type ReplayEnding, type Replayer, replayerFor } from './replayer.ts';
import { type ReplayOutcome, replayReport } from './report.ts';

/** A letter that is to be replayed, or why it is not. */
type Planned =
  | { readonly found: FoundLetter; readonly letter: DeadLetter; readonly name: ReplayedFunction }
  | { readonly found: FoundLetter; readonly error: unknown };

/** This is what a replay works with. */
interface Box {
  readonly cloud: Cloud;
  readonly rules: Rules;
  /** The folder of the dead letters. */
  readonly place: ObjectPrefix;
}

/**
 * Replays what was found, after a person has agreed, notes beside each letter how it ended, and reports it.
 * @throws NOT_CONFIRMED, and what connecting throws
 */
export async function replay(
  { cloud, rules, place }: Box,
  { letters, open }: FoundLetters,
  options: RedriveOptions,
): Promise<Report> {
  const dryRun = options.dryRun === true;
  const planned = await Promise.all(letters.map((found) => plan(cloud, rules, found)));
  if (planned.length > 0 && !dryRun && options.yes !== true)
    await confirmReplay(rules.cloud, planned, options);
  onInterrupt(stopMidway);
  const offsetMs = options.invoke === true ? 0 : await serviceOffsetMs(cloud);
  const replayer = await replayerFor({ ...options, write: !dryRun, offsetMs });
  try {
    const limit = pLimit(replayer.concurrency);
    const outcomes = await Promise.all(
      planned.map((each) =>
        limit(async () => {
          const outcome = await replayOne(replayer, each);
          return dryRun ? outcome : await mark(cloud, place, outcome);
        }),
      ),
    );
    if (!dryRun) await keepEvidence({ ...cloud, rules }, outcomes);
    const closed = outcomes.filter(({ found, replayed }) => replayed && isOpen(found.entry)).length;
    return replayReport(rules.cloud, outcomes, dryRun ? open : open - closed, dryRun);
  } finally {
    await replayer.close();
  }
}

/** Finds out to which function a letter may go back. */
async function plan({ storage }: Cloud, rules: Rules, found: FoundLetter): Promise<Planned> {
  if ('error' in found) return { found, error: found.error };
  const { letter } = found;
  try {
    return { found, letter, name: await checkReplay(storage, rules, letter) };
  } catch (error) {
    return { found, error };
  }
}

/** Says what would be done, and asks. @throws NOT_CONFIRMED */
async function confirmReplay(
  cloud: CloudName,
  planned: readonly Planned[],
  { invoke, rules }: RedriveOptions,
): Promise<void> {
  const ready = planned.flatMap((each) => ('name' in each ? [each] : []));
  const refused = planned.length - ready.length;
  const shownRows = ready
    .slice(0, mostShown)
    .map(({ letter, name }) => [letter.id, name, subject(cloud, letter.payload)]);
  const more = ready.length - shownRows.length;
  if (shownRows.length > 0) note(table(['id', 'function', 'object'], shownRows));
  if (more > 0) note(`and ${more} more`);
  const where = invoke === true ? 'by the deployed functions' : `here, by ${rules}`;
  const rest = refused === 0 ? '' : `, and mark ${refused} as failed that cannot be replayed`;
  await confirmWord(
    'replay',
    `replay ${quantity(ready.length, 'dead letter')} ${where} (it may retain objects)${rest}`,
  );
}

const mostShown = 20;

/** Notes who replayed what; the records of the functions say what they did. */
async function keepEvidence(
  deps: Parameters<typeof evidenceOf>[1],
  outcomes: readonly ReplayOutcome[],
): Promise<void> {
  const records = outcomes.map(({ found, replayed, error }) => ({
    action: 'replay',
    letter: found.entry.name,
    ...('letter' in found ? { function: found.letter.function } : {}),
    replayed,
    ...(error === undefined ? {} : { code: error.code }),
    reason: 'by hand',
  }));
  if (records.length > 0) await evidenceOf('holdfast redrive', deps).keep(records);
}

async function replayOne(replayer: Replayer, planned: Planned): Promise<ReplayOutcome> {
  const { found } = planned;
  if ('error' in planned) return failed(found, describeError(planned.error));
  try {
    const ending = await replayer.replay(planned.name, planned.letter);
    if ('error' in ending) {
      const { repeatedAs } = ending;
      return { ...failed(found, thrownBy(ending)), ...(repeatedAs === undefined ? {} : { repeatedAs }) };
    }
    return { found, replayed: true, detail: ending.result };
  } catch (error) {
    return failed(found, describeError(error));
  }
}

const failed = (found: FoundLetter, error: FailureText): ReplayOutcome => ({
  found,
  replayed: false,
  detail: error,
  error,
});

const thrownBy = ({ error }: Extract<ReplayEnding, { readonly error: unknown }>): FailureText => ({
  code: error.errorType,
  ...partsOf(error.errorMessage),
});

/** A replay that could not be noted stays open, and is replayed again the next time. */
async function mark(
  { storage, clock }: Cloud,
  place: ObjectPrefix,
  outcome: ReplayOutcome,
): Promise<ReplayOutcome> {
  const word = outcome.replayed ? 'replayed' : 'failed';
  try {
    const { repeatedAs: id, found } = outcome;
    await markLetter(storage, place, found.entry, word, outcome.detail, clock.now());
    if (id !== undefined) {
      await markLetter(storage, place, { id, name: id }, 'repeat', { of: found.entry.name }, clock.now());
    }
    return outcome;
  } catch (error) {
    const { code, message, remedy } = describeError(error);
    const text = `${word}, and could not be marked so: ${message}`;
    return { ...outcome, replayed: false, error: { code, message: text, remedy } };
  }
}

function stopMidway(): void {
  note('\ninterrupted: what was replayed until now is marked; `holdfast redrive` shows it');
  process.exit(130);
}
