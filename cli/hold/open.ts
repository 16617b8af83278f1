import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import { foreseeing } from '../../shared/holds/foreseen.ts';
import { type HeldMatter, holdWork, type OpenWhileHolding } from '../../shared/holds/hold-work.ts';
import { findHoldTargets } from '../../shared/holds/targets.ts';
import { createCurrentMatters } from '../../shared/matters/current.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { parseMatterRecord, scopeToText } from '../../shared/matters/record.ts';
import {
  findMatter,
  isCarriedOut,
  type Matter,
  type Matters,
  openPartOf,
} from '../../shared/matters/state.ts';
import type { MatterScope } from '../../shared/matters/types.ts';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { holdsOf } from '../../shared/storage/holds.ts';
import type { LastLook } from '../../shared/storage/port.ts';
import { note, type Report, remark } from '../terminal/output.ts';
import { confirmHolds } from './confirm.ts';
import { openHoldInventory } from './inventory.ts';
import { checkMatterNamed, type HoldOpenOptions, readMatterScope } from './options.ts';
import { runHoldPass } from './pass.ts';
import { holdReport, stateInWords } from './text.ts';
import { type HoldWorld, openHoldWorld } from './world.ts';

/**
 * Opens a matter, and holds what it matches. A matter that was opened with the same scope and whose holds are not all on is gone
 * on with; any open one is gone over from the first version on with `again`. Nothing is written when it is known before that
 * not all can be held.
 * @throws HOLD_ELSEWHERE, USAGE, INVENTORY_INVALID, CHECKPOINT_MISMATCH, EVIDENCE_UNSET, MATTER_EXISTS, MATTER_UNKNOWN, MATTER_MALFORMED,
 * NOT_CONFIRMED, and what reading and writing throw
 */
export async function openMatter(
  id: string,
  options: HoldOpenOptions,
  connect = openHoldWorld,
): Promise<Report> {
  checkMatterNamed(id, options.reason);
  const scope = readMatterScope(options);
  const world = foreseen(await connect(options), options);
  const { storage, rules, clock, region } = world;
  const before = unfinished(await world.readMatters(), id, scope, options.again === true);
  const inventory = await openHoldInventory(world, options, { id, scopes: scopesOf(before, scope) });
  if (before === undefined) {
    if (scope.from !== undefined && scope.from > clock.now())
      note(`--from ${formatInstant(scope.from)} is ahead: no version is held before`);
    const { elsewhere } = await findHoldTargets(storage, [scope], { matter: id, region });
    if (elsewhere[0] !== undefined) throw elsewhere[0];
    await confirmHolds('hold', `open matter ${id}, which holds`, world, options, [scope], inventory);
  } else remark(`matter ${id} is open: its versions are gone over`);

  if (before === undefined && options.dryRun !== true)
    await recordOpened(world, id, scope, options.reason.trim());
  const openings = options.dryRun === true ? [] : await ownOpenings(world.readMatters, id);
  if (options.dryRun !== true) await world.settle();
  const scopes = openings.length === 0 ? [scope] : openings.map(({ opened }) => opened.scope);
  const looks = options.dryRun === true ? noLooks : looksAt(world, id);
  const result = await runHoldPass(world, options, {
    ...{ id, kind: 'held', scopes, follows: openings.map(({ file }) => file), anew: options.again === true },
    inventory: inventory && { ...inventory, opened: openings.map(({ opened }) => opened.at) },
    work: (deps) => holdWork(deps, holdsOf(storage), { id, scopes, ...looks }),
  });
  return holdReport(rules.cloud, { id, kind: 'held' }, result, options);
}

/** Writes the record that opens a matter. @throws AUDIT_UNWRITTEN, and what writing throws */
async function recordOpened(
  { storage, rules, clock, caller }: HoldWorld,
  id: string,
  scope: MatterScope,
  reason: string,
): Promise<void> {
  const record = { kind: 'opened', id, scope, at: clock.now(), by: caller(), reason } as const;
  const kept = await keepMatterRecord({ storage, rules, clock }, record);
  for (const error of kept.errors) note(`the record is not under retention: ${error.code}: ${error.message}`);
}

/** In a dry run no bucket refuses a write, so each is asked. */
const foreseen = (world: HoldWorld, { dryRun }: HoldOpenOptions): HoldWorld =>
  dryRun === true ? { ...world, storage: foreseeing(world.storage) } : world;

/** Tells which matters are open, and whether somebody has released this one. */
function openOrEnded(matters: Matters, id: string): OpenWhileHolding {
  const open = openScopes(matters);
  const released = findMatter(matters, id)?.openings.at(-1)?.released;
  const isEnded = released !== undefined && open.every((each) => each.id !== id);
  const ended = isEnded
    ? failure('MATTER_RELEASED', { matter: id, time: formatInstant(released.at), who: released.by.caller })
    : undefined;
  return { open, ended };
}

/** The looks of a dry run, in which the matter is not opened. */
const noLooks = { look: () => Promise.resolve({ open: [], ended: undefined }), lastLook: undefined };

const looksAt = (world: HoldWorld, id: string): Pick<HeldMatter, 'look' | 'lastLook'> => ({
  look: async () => openOrEnded(await world.readMatters(), id),
  lastLook: refusingReleased(world, id),
});

/**
 * Makes the last look before a hold is sent, at matters that were read as lately as a function reads them. Where they cannot be read the hold is
 * sent: the look behind the page tells then.
 */
function refusingReleased({ direct, rules: { audit: folder }, clock }: HoldWorld, id: string): LastLook {
  const { current } = createCurrentMatters(clock);
  const load = () => Promise.resolve(parseMatterRecord);
  return async () => {
    if (folder === undefined) return;
    const matters = await current({ storage: direct, folder, load, withoutPasses: true }).catch(
      ignoreFailure,
    );
    const ended = matters && openOrEnded(matters, id).ended;
    if (ended !== undefined) throw ended;
  };
}

function ignoreFailure(error: unknown): undefined {
  if (!(error instanceof HoldfastError)) throw error;
}

const scopesOf = (before: Matter | undefined, scope: MatterScope): readonly MatterScope[] =>
  before === undefined ? [scope] : openPartOf(before).map(({ opened }) => opened.scope);

/** Reads what was written: two people may have opened the matter in the same moment, and then both count. */
async function ownOpenings(read: () => Promise<Matters>, id: string) {
  const matter = findMatter(await read(), id);
  const openings = matter === undefined ? [] : openPartOf(matter);
  if (openings.length > 1) {
    note(`${openings.length} people have opened matter ${id}: it holds what either of them named`);
  }
  return openings;
}

/**
 * Returns the matter of this name if it is to be gone on with.
 * @returns undefined when there is none
 * @throws MATTER_EXISTS, MATTER_UNKNOWN, MATTER_MALFORMED
 */
function unfinished(
  { all, unreadable }: Matters,
  id: string,
  scope: MatterScope,
  again: boolean,
): Matter | undefined {
  const broken = unreadable.find(({ name }) => name.id === id);
  if (broken !== undefined) throw broken.error;
  const matter = all.find((each) => each.id === id);
  // A person who releases one of two names that differ in case alone would take it for the other.
  const alike = all.find((each) => each.id !== id && each.id.toLowerCase() === id.toLowerCase());
  if (alike !== undefined && matter === undefined)
    throw failure('MATTER_EXISTS', { matter: alike.id, state: stateInWords(alike) });
  if (matter === undefined && again) throw failure('MATTER_UNKNOWN', { matter: id });
  if (matter === undefined) return undefined;
  const open = openPartOf(matter);
  const asked = JSON.stringify(scopeToText(scope));
  const isSame = open.some(({ opened }) => JSON.stringify(scopeToText(opened.scope)) === asked);
  const isHeld = isCarriedOut(matter, open, 'held');
  if (isSame && (again || !isHeld)) return matter;
  throw failure('MATTER_EXISTS', { matter: id, state: stateInWords(matter) });
}
