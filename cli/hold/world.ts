import { createPace } from '../../shared/backfill/pace/pace.ts';
import { mattersSettleMs } from '../../shared/matters/age.ts';
import type { MattersSource } from '../../shared/matters/read.ts';
import { readMattersIn } from '../../shared/matters/read-loaded.ts';
import type { Matters } from '../../shared/matters/state.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import { keepHeapSmall } from '../../shared/platform/memory.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { type Cloud, connect, readRules } from '../options/cloud-options.ts';
import { remark } from '../terminal/output.ts';
import { guarded } from '../world/guarded.ts';
import type { HoldOptions, HoldPassOptions } from './options.ts';

/** This is what each operation on matters works with. */
export interface HoldWorld extends Cloud {
  readonly rules: Rules;
  readonly readMatters: () => Promise<Matters>;
  /** Reads past what waits for its turn: a write that has it may ask. */
  readonly direct: MattersSource['storage'];
  /** Waits until each function knows what was written about a matter. */
  readonly settle: () => Promise<void>;
  /** The local folder where progress is kept. */
  readonly progressFolder: string;
}

/** Opens it; with --dry-run no write goes through. @throws EVIDENCE_UNSET, and what reading the rules and connecting throw */
export async function openHoldWorld(
  options: HoldOptions & Partial<Pick<HoldPassOptions, 'dryRun' | 'concurrency'>>,
): Promise<HoldWorld> {
  const rules = await readRules(options);
  const { audit: folder, cloud } = rules;
  keepHeapSmall();
  const { direct, ...connection } = await connect(options, paceOf(options));
  if (folder === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'matters' });
  const connected = guarded(connection, options);
  const known = new Map();
  return {
    ...connected,
    rules,
    direct,
    readMatters: () => readMattersIn(folder, connected.storage, { known }),
    async settle() {
      remark(`waiting ${mattersSettleMs / 1000} s, until each function knows it`);
      await connected.clock.sleep(mattersSettleMs);
    },
    progressFolder: '.holdfast',
  };
}

/** Paces the requests of a pass over the versions, which may be thousands; what goes over none has no concurrency, and sends a few. */
const paceOf = ({ concurrency }: Partial<Pick<HoldPassOptions, 'concurrency'>>) =>
  concurrency === undefined
    ? undefined
    : createPace({ clock: systemClock, concurrency, qps: undefined, readsFirst: true }).around;
