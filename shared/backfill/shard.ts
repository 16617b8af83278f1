import { withoutReleased } from '../matters/hold-rules.ts';
import type { RulesNow } from '../matters/rules-of-run.ts';
import type { ObjectOutcome } from '../objects/outcome.ts';
import { carryOutDecision, judge, type ObjectDeps } from '../objects/settle.ts';
import { HoldfastError } from '../platform/errors.ts';
import { readsTags } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import { DecidedOtherwise, withLastLook } from '../storage/last-look.ts';
import type { Retention } from '../storage/port.ts';
import type { Approach } from './approach.ts';
import { concernedBy } from './concerned.ts';
import { type Effort, forEachAtOnce } from './each.ts';
import { ending } from './ending.ts';
import { entryOf, failedEntry, unseenEntryOf, type VersionEntry } from './entry.ts';
import { observeKnown } from './observe.ts';
import type { OpenShard } from './open-shard.ts';
import { settleIfPast, stoppedClock } from './past-date.ts';
import { forEachInPieces } from './pieces.ts';
import type { KnownVersion, Shard } from './source.ts';
import { decideUnseen } from './unseen.ts';
import { writeUnseen } from './write-unseen.ts';

export interface ShardDeps extends ObjectDeps, Effort {
  /** Without it every version is looked at before it is written. */
  readonly approach?: Approach | undefined;
  /**
   * Tells the rules as they are now, since matters are opened and released during a pass: it is asked before each shard, and before a
   * version of an open matter is written. Unless given, the rules stay as they are.
   */
  readonly rulesNow?: (() => Promise<RulesNow>) | undefined;
  /** The instant by which dates are decided, where they were approved as they were then; the time of the look unless given. */
  readonly decideAt?: Date | undefined;
}

type Item = OpenShard['items'][number];
type PendingItem = Extract<Item, { pending: unknown }>;

/** Reads what has to be known of a shard's versions; writes nothing. */
export async function observeShard(deps: ShardDeps, shard: Shard): Promise<OpenShard> {
  const { rules, clock, approach, decideAt } = deps;
  const decidedAt = decideAt ?? clock.now();
  const looking = decideAt === undefined ? deps : { ...deps, clock: stoppedClock(decideAt, clock) };
  const { versions } = shard;
  const items: Item[] = [];
  const judged = versions.map((): ObjectOutcome | undefined => undefined);
  const toLook: number[] = [];
  const toWrite: number[] = [];
  await forEachInPieces(versions, (known, index) => {
    const decided = decideUnseen(rules, known, decidedAt);
    if (decided === undefined) toLook.push(index);
    else if ('outcome' in decided) items[index] = entryOf(decided.outcome);
    else {
      items[index] = { pending: decided.unseen, unseen: originOf(known) };
      judged[index] = decided.judged;
      toWrite.push(index);
    }
  });
  const look = async (some: readonly number[]): Promise<void> => {
    await forEachAtOnce(deps, some, async (index) => {
      const known = versions[index];
      if (known === undefined) return;
      const item = await lookAt(looking, known, judged[index]);
      items[index] = item;
      if (!isUnretainedAsShown(item, known)) judged[index] = undefined;
    });
  };
  const probes = toWrite.slice(0, approach === undefined ? toWrite.length : approach.probes(toWrite.length));
  await look([...toLook, ...probes]);
  const asShown = probes.every((index) => isAsShown(items[index], versions[index]));
  if (!asShown) await look(toWrite.slice(probes.length));
  return { end: shard.end, rows: shard.rows ?? 0, decidedAt, items, judged, rules };
}

const originOf = ({ inventory }: KnownVersion): 'inventory' | 'list' => (inventory ? 'inventory' : 'list');

async function lookAt(deps: ShardDeps, known: KnownVersion, shown: ObjectOutcome | undefined): Promise<Item> {
  try {
    const observed = await observeKnown(deps, known, shown);
    return 'pending' in observed ? observed : entryOf(observed.outcome);
  } catch (error) {
    return failedUnlessEnding(known, error);
  }
}

function failedUnlessEnding(known: KnownVersion, error: unknown): VersionEntry {
  if (!(error instanceof HoldfastError) || ending.has(error.code)) throw error;
  return failedEntry(known, error);
}

/** Tells whether a look has found what the source had shown: a version of that date that still is to be protected. */
function isAsShown(item: Item | undefined, known: KnownVersion | undefined): boolean {
  if (item === undefined || !('pending' in item)) return false;
  return item.pending.lastModified.getTime() === known?.lastModified?.getTime();
}

/** Tells whether a look has found nothing that its source had not shown, so that the decision made from that still stands. */
function isUnretainedAsShown(item: Item, known: KnownVersion): boolean {
  if (!isAsShown(item, known) || !('pending' in item)) return false;
  const { type, retention, legalHold } = item.pending;
  return type === known.type && retention === undefined && legalHold === undefined;
}

/**
 * Looks at a shard that may have been carried out in part, by a process that was killed: what stands as it was to be is
 * done, and is not written twice. GOVERNANCE is no protection, and is what somebody else has put there. A matter may have been opened
 * since, so a hold that is on by now counts, and tags that nobody needed then are read.
 */
export async function lookAgain(deps: ShardDeps, shard: OpenShard): Promise<OpenShard> {
  const { rules } = deps;
  const items = await forEachAtOnce(deps, shard.items, async (item): Promise<Item> => {
    if (!('pending' in item)) return item;
    try {
      return await lookAtAgain(deps, item, shard.decidedAt);
    } catch (error) {
      return failedUnlessEnding(item.pending, error);
    }
  });
  return { ...shard, items, judged: undefined, rules };
}

async function lookAtAgain({ rules, storage }: ShardDeps, item: PendingItem, decidedAt: Date): Promise<Item> {
  const head = await storage.headObject(item.pending).catch(ignore);
  if (typeof head !== 'object') return item;
  const { legalHold: _then, ...before } = item.pending;
  const isUnread = before.tags.size === 0 && concernedBy(rules, before).some(readsTags);
  const tags = isUnread ? (await storage.getTags(before))?.tags : undefined;
  const pending = {
    ...before,
    tags: tags ?? before.tags,
    ...(head.legalHold && { legalHold: head.legalHold }),
  };
  return settleAgain(rules, decidedAt, { ...item, pending }, head.retention);
}

/**
 * Tells what an item of a stopped shard has come to, by the retention that stands now; the item itself when it is to
 * be written.
 */
function settleAgain(
  rules: Rules,
  decidedAt: Date,
  item: PendingItem,
  retention: Retention | undefined,
): Item {
  const { pending, unseen } = item;
  const outcome = judge(rules, pending, decidedAt);
  if (outcome.decision.action !== 'protect') return entryOf(outcome);
  if (retention === undefined) return item;
  const now = judge(rules, { ...pending, retention }, decidedAt);
  if (now.decision.action === 'protect') return item;
  if (retention.mode === 'GOVERNANCE') return entryOf(now);
  if (unseen === undefined) return entryOf(outcome);
  // What nobody had looked at and ends later than this run would have it was not written by it.
  return retention.until > outcome.decision.until ? entryOf(now) : unseenEntryOf(outcome);
}

/** Writing it will tell what is wrong. */
function ignore(error: unknown): undefined {
  if (!(error instanceof HoldfastError)) throw error;
}

/** Carries a shard out: one write for each version that needs it. */
export async function applyShard(
  given: ShardDeps,
  { items, decidedAt, judged, rules = given.rules }: OpenShard,
): Promise<VersionEntry[]> {
  const deps = { ...given, rules };
  const openStill = rulesOpenStill(deps);
  return await forEachAtOnce(deps, items, (item, index): Promise<VersionEntry> | VersionEntry => {
    if (!('pending' in item)) return item;
    const outcome = judged?.[index] ?? judge(rules, item.pending, decidedAt);
    if (!isForMatter(outcome)) return write(deps, item, outcome);
    return writeForMatter(deps, item, { openStill, decidedAt });
  });
}

/**
 * Writes a version by what is open now. The write may wait for its turn, and its matter be released meanwhile: it is decided about once more
 * before it is sent. Where the release comes while it is sent, the generation that was written goes on to its end, which the entry says.
 */
async function writeForMatter(
  deps: ShardDeps,
  item: PendingItem,
  { openStill, decidedAt }: { readonly openStill: () => Promise<Rules>; readonly decidedAt: Date },
): Promise<VersionEntry> {
  for (;;) {
    const rules = await openStill();
    const outcome = judge(rules, item.pending, decidedAt);
    if (!isForMatter(outcome)) return await write({ ...deps, rules }, item, outcome);
    const stands = async () => {
      const now = await openStill();
      return now === rules || isSameDate(judge(now, item.pending, decidedAt), outcome);
    };
    const storage = withLastLook(deps.storage, async () => {
      if (!(await stands())) throw new DecidedOtherwise();
    });
    try {
      const written = await write({ ...deps, rules, storage }, item, outcome);
      return written.line?.result !== 'protected' || (await stands()) ? written : tellingOfRelease(written);
    } catch (error) {
      if (!(error instanceof DecidedOtherwise)) throw error;
    }
  }
}

function tellingOfRelease(written: VersionEntry): VersionEntry {
  const { line } = written;
  if (line === undefined) return written;
  const reason = [line.reason, 'its matter was released while this was written: nothing renews it any more'];
  return { ...written, line: { ...line, reason: reason.filter(Boolean).join('; ') } };
}

const isSameDate = ({ decision: one }: ObjectOutcome, { decision: other }: ObjectOutcome): boolean =>
  'until' in one && 'until' in other && one.until.getTime() === other.until.getTime();

/** Tells whether the date is that of an open matter. */
const isForMatter = ({ decision }: ObjectOutcome): boolean =>
  decision.action === 'protect' && decision.heldOpen?.why === 'matter';

/** Returns what returns the rules of a shard, without those of matters that were released since it was observed. */
function rulesOpenStill({ rules, rulesNow }: ShardDeps): () => Promise<Rules> {
  let last = { now: rules, rules };
  return async () => {
    const now = (await rulesNow?.())?.rules ?? rules;
    if (now !== last.now) last = { now, rules: withoutReleased(rules, now) };
    return last.rules;
  };
}

function write(
  deps: ShardDeps,
  item: PendingItem,
  outcome: ObjectOutcome,
): Promise<VersionEntry> | VersionEntry {
  const { pending, unseen } = item;
  const past = settleIfPast(deps, pending, outcome);
  if (past !== undefined) return entryOf(past);
  return unseen === undefined ? writeSeen(deps, outcome) : writeUnseen(deps, { pending, unseen }, outcome);
}

async function writeSeen({ storage }: ShardDeps, judged: ObjectOutcome): Promise<VersionEntry> {
  const outcome = await carryOutDecision(storage, judged);
  const fatal = outcome.errors.find(({ code }) => ending.has(code));
  if (fatal !== undefined) throw fatal;
  return entryOf(outcome);
}
