import type { Clock } from '../../shared/platform/clock.ts';
import { minute, second } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { columnsOf } from '../../shared/terminal/columns.ts';
import { clearLiveLine } from '../../shared/terminal/live-line.ts';
import { wantsQuiet } from '../../shared/terminal/print.ts';

/** This is what there is to tell about a run that is under way. */
export interface ProgressFacts {
  readonly versions: number;
  /** It names what is counted, where that is not versions. */
  readonly things?: string;
  readonly words: string;
  /** 0 to 1; undefined when the end is not known. */
  readonly done: number | undefined;
}

export interface ProgressLine {
  show(facts: ProgressFacts): void;
  /** Leaves the terminal's line, so that other text can follow. */
  end(): void;
}

/** A terminal, or a pipe, that the line goes to. */
interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const width = 24;

/** Returns one line that renews itself on a terminal, a plain line every few seconds elsewhere; on standard error. */
export function progressLine(clock: Clock, stream: ProgressStream = process.stderr): ProgressLine {
  const live = stream.isTTY === true;
  const everyMs = live ? second / 10 : 5 * second;
  let start = clock.now().getTime();
  let first: ProgressFacts | undefined;
  let shownAt = live ? 0 : start;
  let open = false;
  return {
    show(facts) {
      if (wantsQuiet()) return;
      const now = clock.now().getTime();
      // A rate is of one thing: what is counted next begins with its own first number, and its own time.
      if (first !== undefined && first.things !== facts.things) [first, start] = [facts, now];
      first ??= facts;
      if (now - shownAt < everyMs) return;
      shownAt = now;
      clearLiveLine();
      const line = describe(facts, first, now - start);
      stream.write(live ? `\r\x1b[2K${line.slice(0, (columnsOf(stream) ?? 80) - 1)}` : `${line}\n`);
      open = live;
    },
    end() {
      if (open) stream.write('\n');
      open = false;
    },
  };
}

/** @param first what this process began to count with: rate and time left are its own */
function describe(
  { versions, things = 'version', words, done }: ProgressFacts,
  first: ProgressFacts,
  ms: number,
): string {
  const seconds = Math.max(ms / second, 0.001);
  const rate = Math.round((versions - first.versions) / seconds);
  // What was done before anything was shown has no rate.
  const isRated = versions > first.versions;
  const parts = [quantity(versions, things), words, ...(isRated ? [`${rate}/s`] : [])];
  if (done === undefined) return parts.join(', ');
  const gained = done - (first.done ?? 0);
  const left = gained > 0 ? `${inWords((ms * (1 - done)) / gained)} left` : 'time left unknown';
  const end = done === 1 ? [] : [left];
  const filled = Math.round(done * width);
  const bar = `[${'='.repeat(filled)}${' '.repeat(width - filled)}]`;
  return [`${bar} ${Math.floor(done * 100)} %`, ...parts, ...end].join(', ');
}

function inWords(ms: number): string {
  return ms < 2 * minute ? `${Math.ceil(ms / second)} s` : `${Math.ceil(ms / minute)} min`;
}
