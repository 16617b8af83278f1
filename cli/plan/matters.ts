import { mattersOfRules } from '../../shared/matters/read-loaded.ts';
import { type ScopeText, scopeToText } from '../../shared/matters/record.ts';
import { isWhollyHeld, lastHeld, type Matter, openPartOf, unknownOf } from '../../shared/matters/state.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { StorageReads } from '../../shared/storage/port.ts';
import { color, describeError, prose } from '../terminal/output.ts';

/** Shows what one open matter holds. */
export interface PlannedMatter {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** Those of all people who have opened it, as its scopes are. */
  readonly reasons: readonly string[];
  readonly scopes: readonly ScopeText[];
  /** Versions that its last pass found and held; undefined before a pass has ended. */
  readonly held: number | undefined;
  /** Versions that retention keeps, because their bucket takes no legal hold. */
  readonly retained: number | undefined;
  /** Versions that are kept longer than limits.maxRetention after Last-Modified. */
  readonly overCap: number | undefined;
  /** False while versions that it matches may be without their hold. */
  readonly complete: boolean;
}

/** It names the open matters, and tells why others may be open that nobody can read. */
export interface PlannedMatters {
  readonly open: readonly PlannedMatter[];
  readonly unknown: readonly ReturnType<typeof describeError>[];
}

/**
 * Reads which matters are open. A failure is part of the result, since no bucket policy depends on matters: such a plan can be kept and
 * applied, and the command fails.
 * @returns undefined where the rules have no folder for matters
 */
export async function plannedMatters(
  storage: StorageReads,
  rules: Rules,
): Promise<PlannedMatters | undefined> {
  try {
    const matters = await mattersOfRules(storage, rules);
    if (matters === undefined) return undefined;
    return {
      open: matters.all.flatMap(plannedMatter),
      unknown: unknownOf(matters).map(describeError),
    };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { open: [], unknown: [describeError(error)] };
  }
}

/** Returns nothing for a matter that is not open. */
function plannedMatter(matter: Matter): PlannedMatter[] {
  const opened = openPartOf(matter).map((opening) => opening.opened);
  const [first] = opened;
  if (first === undefined) return [];
  const { counts } = lastHeld(matter) ?? {};
  return [
    {
      id: matter.id,
      openedAt: formatInstant(first.at),
      reasons: opened.map(({ reason }) => reason),
      scopes: opened.map(({ scope }) => scopeToText(scope)),
      held: counts?.['held'],
      retained: counts?.['retained'],
      overCap: counts?.['over-cap'],
      complete: isWhollyHeld(matter),
    },
  ];
}

/** Tells whether matters may be open that nobody can read, so that the plan does not show all that is held. */
export const areMattersUnknown = (matters: PlannedMatters | undefined): boolean =>
  matters !== undefined && matters.unknown.length > 0;

/** Says in lines what open matters hold; none where there are none. */
export function matterLines(matters: PlannedMatters | undefined): string[] {
  if (matters === undefined) return [];
  return [
    ...matters.open.map(({ id, openedAt, scopes, held, retained = 0, overCap = 0, complete }) => {
      const versions = held === undefined ? 'no pass has ended yet' : `${quantity(held, 'version')} held`;
      const byRetention = retained === 0 ? '' : `, ${retained} kept by retention`;
      const over = overCap === 0 ? '' : ` (${overCap} longer than limits.maxRetention after Last-Modified)`;
      const rest = complete || held === undefined ? '' : ', not all';
      return prose(
        `${color.yellow('held')} by matter ${id} since ${openedAt}: ${versions}${byRetention}${over}${rest}, and uploads to ${visible(scopes.map(scopeWords).join(' and '))}`,
      );
    }),
    ...matters.unknown.flatMap(({ code, message, remedy }) => [
      prose(`${color.red(code)} what open matters hold is not known: ${visible(message)}`),
      prose(`what to do: ${remedy}`),
    ]),
  ];
}

function scopeWords({ match, tags = {}, from, until }: ScopeText): string {
  return [
    match.join(' '),
    ...Object.entries(tags).map(([tag, glob]) => `with tag ${tag}=${glob}`),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(until === undefined ? [] : [`before ${until}`]),
  ].join(' ');
}
