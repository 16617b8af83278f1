import { isOpen, listLetters } from '../dead-letters/box.ts';
import { formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { hasCode } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { type Check, findingsForEach, linesOf } from './finding.ts';

const lines = linesOf('dead letters');

/** Failed events have a place to be kept, and none waits there. */
export const deadLettersCheck: Check = {
  name: 'dead letters',
  async run({ rules, rulesPlace, storage, region }) {
    const { cloud, deadLetters: folder } = await rules.need();
    if (folder === undefined) {
      const mend = `set deadLetters: ${cloud}://bucket/prefix/ in the rules, and make that bucket`;
      return [
        lines.warning(rulesPlace, 'the rules name no place, so failed events are only in the log', mend),
      ];
    }
    const place = formatAddress(cloud, { bucket: folder.bucket, key: folder.prefix });
    return await findingsForEach(
      lines,
      [folder],
      () => place,
      async () => {
        const open = await openLetters(storage, folder);
        if (open === undefined) {
          const mend = cloudWords[cloud].makeBucket(folder.bucket, region);
          return lines.failure(
            place,
            'its bucket does not exist, so failed events are only in the log',
            mend,
          );
        }
        const [oldest] = open;
        if (oldest === undefined) return lines.ok(place, 'none is open');
        const message = `${open.length} open, the oldest of ${formatInstant(oldest.failedAt)}`;
        const { option } = cloudWords[cloud];
        const mend = `holdfast redrive${option}, then holdfast redrive replay${option}`;
        return lines.failure(place, message, mend);
      },
    );
  },
};

/** Undefined: there is no such bucket. */
async function openLetters(storage: StorageReads, folder: ObjectPrefix) {
  try {
    return (await listLetters(storage, folder)).filter(isOpen);
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_BUCKET')) return undefined;
    throw error;
  }
}
