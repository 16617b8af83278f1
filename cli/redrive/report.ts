import type { FailureText } from '../../shared/dead-letters/envelope.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { color, type Report, table } from '../terminal/output.ts';
import { type FoundLetter, subject } from './dead-letters.ts';

/** This is what became of one replay. */
export interface ReplayOutcome {
  readonly found: FoundLetter;
  readonly replayed: boolean;
  /** This is what the function answered; of a failure, its new error. */
  readonly detail: unknown;
  /** The id of the letter that the deployed function has kept of this very replay; it repeats the one that was replayed. */
  readonly repeatedAs?: string;
  /** The function failed, or the letter could not be read or marked. */
  readonly error?: FailureText;
}

/** Reports what became of the replays, for people and machines. */
export function replayReport(
  cloud: CloudName,
  outcomes: readonly ReplayOutcome[],
  open: number,
  dryRun: boolean,
): Report {
  const again = outcomes.filter(({ error }) => error !== undefined);
  const rows = outcomes.map((outcome) => {
    const { found } = outcome;
    const letter = 'letter' in found ? found.letter : undefined;
    return [
      found.entry.name,
      letter?.function ?? '-',
      letter === undefined ? '-' : subject(cloud, letter.payload),
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
        name: found.entry.name,
        replayed,
        ...(error === undefined ? { result: detail } : { error }),
      })),
    },
    exitCode: again.length > 0 ? 1 : 0,
  };
}

function inWords({ error, detail }: ReplayOutcome, dryRun: boolean): string {
  if (error === undefined) {
    return `${color.green(dryRun ? 'would succeed:' : 'replayed:')} ${JSON.stringify(detail)}`;
  }
  const remedy = error.remedy === '' ? '' : `; what to do: ${error.remedy}`;
  return `${color.red('failed again:')} ${error.code}: ${error.message}${remedy}`;
}
