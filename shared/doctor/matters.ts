import { mattersIn } from '../matters/name.ts';
import { mattersOfRules } from '../matters/read-loaded.ts';
import { isWhollyHeld, type Matter, openPartOf, type UnreadableRecord } from '../matters/state.ts';
import { type CloudName, formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { hasCode } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { type Check, type DoctorFinding, linesOf } from './finding.ts';
import { MissingPrerequisite } from './world.ts';

const lines = linesOf('matter');

/** Tells which matters are open, and that all versions of theirs are held. Where the rules have no folder for matters there are none. */
export const mattersCheck: Check = {
  name: 'matter',
  async run({ rules, storage }) {
    const ruled = await rules.need();
    const { audit, cloud } = ruled;
    const matters = await mattersOfRules(storage, ruled).catch((error: unknown) => {
      throw hasCode(error, 'NO_SUCH_BUCKET') ? new MissingPrerequisite('the bucket of the evidence') : error;
    });
    if (audit === undefined || matters === undefined) return [];
    const { bucket, prefix } = mattersIn(audit);
    const place = formatAddress(cloud, { bucket, key: prefix });
    const open = matters.all.flatMap((matter) => openFinding(cloud, matter));
    const unreadable = unreadableFinding(cloud, place, matters.unreadable);
    const found = [...open, ...unreadable];
    return found.length === 0 ? [lines.ok(place, 'none is open')] : found;
  },
};

/** Returns nothing for a matter that is not open. */
function openFinding(cloud: CloudName, matter: Matter): DoctorFinding[] {
  const opened = openPartOf(matter).map(
    ({ opened: { at, by } }) => `since ${formatInstant(at)} by ${by.caller}`,
  );
  if (opened.length === 0) return [];
  const message = `open ${opened.join(' and ')}`;
  if (isWhollyHeld(matter)) return [lines.ok(matter.id, message)];
  const mend = `holdfast hold show ${matter.id}${cloudWords[cloud].option}, then its \`holdfast hold open\` again: it goes on`;
  return [lines.warning(matter.id, `${message}; not all of its versions are held`, mend)];
}

/** Counts the records that cannot be read. One of an opening that nobody has released may hold anything. */
function unreadableFinding(
  cloud: CloudName,
  place: string,
  unreadable: readonly UnreadableRecord[],
): DoctorFinding[] {
  if (unreadable.length === 0) return [];
  const mend = `holdfast hold list${cloudWords[cloud].option}, which names each`;
  const holding = unreadable.filter(({ mayHold }) => mayHold).length;
  const message = `${quantity(unreadable.length, 'record')} cannot be read`;
  const finding =
    holding === 0
      ? lines.warning(place, `${message}; no version is held by them`, mend)
      : lines.failure(place, `${message}; what ${holding} of them may hold is not known`, mend);
  return [{ ...finding, code: 'MATTER_MALFORMED' }];
}
