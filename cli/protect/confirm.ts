import type { ShardDeps } from '../../shared/backfill/shard.ts';
import type { Source } from '../../shared/backfill/source.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { plural, size } from '../../shared/report/words.ts';
import { confirmWord, here } from '../terminal/confirm.ts';
import { note } from '../terminal/output.ts';
import { progressLine } from '../terminal/progress.ts';
import { type CountedVersions, type Forecast, forecast } from './count.ts';
import type { ProtectOptions } from './options.ts';

/** Says whether a run has to be confirmed at all: a dry run writes nothing, and --yes has confirmed it. */
export const needsConfirmation = ({ yes, dryRun }: Pick<ProtectOptions, 'yes' | 'dryRun'>): boolean =>
  yes !== true && dryRun !== true;

/**
 * Says whether a run that goes on was confirmed when it began: its checkpoint is made after that, for the same target,
 * rules and service. Without a terminal --yes is needed all the same.
 */
export const wasConfirmed = (resumed: boolean): boolean => resumed && here.input.isTTY === true;

/** Refuses where nobody can be asked, before anything is counted or kept. @throws NOT_CONFIRMED */
export async function refuseUnasked(url: string, options: ProtectOptions): Promise<void> {
  if (!needsConfirmation(options) || here.input.isTTY === true) return;
  await confirmWord('protect', `retain the versions in ${url}, by ${options.rules}`);
}

/** Counts what a run would write, with a line on a terminal. @throws what counting throws */
export async function countChanges(
  deps: ShardDeps,
  source: Source,
  told?: CountedVersions,
): Promise<Forecast> {
  const line = progressLine(systemClock);
  const onCounting = (versions: number) =>
    line.show({ versions, words: 'counting what would change', done: undefined });
  return await forecast(deps, source, onCounting, told).finally(() => line.end());
}

/** Lets a person type the word for what was counted. @throws NOT_CONFIRMED */
export async function confirmCounted(url: string, counted: Forecast, terminal = here): Promise<void> {
  const { versions, changes, failed } = counted;
  if (failed > 0) note(`${plural(failed, 'version')} of ${versions} could not be looked at`);
  if (changes === 0) note(`nothing of ${plural(versions, 'version')} would change now`);
  else await confirmWord('protect', forecastInWords(url, counted), terminal);
}

/**
 * Returns the forecast in one sentence, such as `retain 3 versions (3.2 GiB) in oss://b until 2033-11-20T10:00:00Z at
 * the latest`.
 */
export function forecastInWords(url: string, { changes, latest, ...sizes }: Forecast): string {
  const until = latest === undefined ? '' : ` until ${formatInstant(latest)} at the latest`;
  return `retain ${plural(changes, 'version')} (${size(sizes)}) in ${url}${until}`;
}
