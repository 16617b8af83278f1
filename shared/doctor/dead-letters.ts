import { isOpen, listLetters } from '../dead-letters/box.ts';
import { formatInstant } from '../platform/instant.ts';
import { type Check, linesOf } from './finding.ts';

const lines = linesOf('dead letters');

/** Failed events have a place to be kept, and none waits there. */
export const deadLettersCheck: Check = {
  name: 'dead letters',
  async run({ rules, rulesPlace, storage }) {
    const { deadLetters: folder } = await rules.need();
    if (folder === undefined) {
      const mend = 'set deadLetters: oss://bucket/prefix/ in the rules, and make that bucket';
      return [
        lines.warning(rulesPlace, 'the rules name no place, so failed events are only in the log', mend),
      ];
    }
    const place = `oss://${folder.bucket}/${folder.prefix}`;
    const open = (await listLetters(storage, folder)).filter(isOpen);
    const [oldest] = open;
    if (oldest === undefined) return [lines.ok(place, 'none is open')];
    const message = `${open.length} open, the oldest of ${formatInstant(oldest.failedAt)}`;
    return [lines.failure(place, message, 'holdfast redrive, then holdfast redrive replay')];
  },
};
