import { isMatterId, matterIdForm } from '../../shared/matters/name.ts';
import { longestReason, readScope } from '../../shared/matters/record.ts';
import type { MatterScope } from '../../shared/matters/types.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { endOfDate } from '../../shared/rules/tag-date.ts';
import { readObjectAddress } from '../options/address.ts';
import type { RulesOptions } from '../options/cloud-options.ts';
import { readDay } from '../options/read-day.ts';
import { readTagPairs } from '../options/tag-pairs.ts';
import { usage } from '../options/usage.ts';

export interface HoldOptions extends RulesOptions {
  readonly json?: boolean;
}

/** These are the options of a pass over the versions. */
export interface HoldPassOptions extends HoldOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly concurrency: number;
}

export interface HoldReleaseOptions extends HoldPassOptions {
  /** Go over the versions of a matter that is released. */
  readonly again?: boolean;
}

export interface HoldOpenOptions extends HoldPassOptions {
  readonly match: readonly string[];
  readonly tag?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  /** Go over the versions of a matter that is open and held. */
  readonly again?: boolean;
  readonly inventory?: string;
  /** False with --no-decode-keys. */
  readonly decodeKeys: boolean;
}

/** Refuses a name that no matter can have, and a reason that is none. @throws USAGE */
export function checkMatterNamed(id: string, reason: string): void {
  checkMatterName(id);
  if (reason.trim() === '') throw usage('--reason: expected why, in words');
  if (reason.trim().length > longestReason)
    throw usage(`--reason: expected at most ${longestReason} characters, found ${reason.length}`);
}

/** Refuses a name that no matter can have. @throws USAGE */
export function checkMatterName(id: string): void {
  if (!isMatterId(id))
    throw usage(`${JSON.stringify(id)} cannot name a matter${strangeLetter(id)}: expected ${matterIdForm}`);
}

/** Names a letter that looks like another one, such as that of another alphabet. */
function strangeLetter(id: string): string {
  const letter = /[^\x20-\x7e]/u.exec(id)?.[0];
  const code = letter?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return letter === undefined ? '' : `, since ${JSON.stringify(letter)} is U+${code}`;
}

/** Reads what a matter is to hold; the inventory that may name its versions has to have an address. @throws USAGE */
export function readMatterScope(options: HoldOpenOptions): MatterScope {
  const { cloud, match, tag = [], from, until, inventory } = options;
  if (inventory !== undefined) readObjectAddress(cloud, inventory);
  const tags = readTagPairs(tag);
  const scope = readScope(
    {
      match: [...match],
      ...(tags.size > 0 && { tags: Object.fromEntries(tags) }),
      ...(from !== undefined && { from: formatInstant(readDay('--from', from).at) }),
      ...(until !== undefined && { until: formatInstant(endOfDate(readDay('--until', until))) }),
    },
    cloud,
  );
  if ('problem' in scope) throw usage(scope.problem.replace(/^match: /, '--match: '));
  return scope;
}
