import { repairAges } from '../backfill/repair-age.ts';
import { formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { hasCode } from '../platform/errors.ts';
import { quantity } from '../platform/quantity.ts';
import { type Check, fromError, linesOf } from './finding.ts';
import { MissingPrerequisite } from './world.ts';

const lines = linesOf('repair');

/** Every bucket under object rules was repaired lately, so that what events have missed is protected too. */
export const repairsCheck: Check = {
  name: 'repair',
  async run({ rules, buckets, storage, clock, region }) {
    const ruled = await rules.need();
    if (ruled.deadLetters === undefined) {
      const mend = `set deadLetters: ${ruled.cloud}://bucket/prefix/ in the rules`;
      return [lines.unchecked('-', 'the rules name no folder where repairs are recorded', mend)];
    }
    const deps = { storage, rules: ruled, clock, region };
    const ages = await repairAges(deps, await buckets.need()).catch((error: unknown) => {
      throw hasCode(error, 'NO_SUCH_BUCKET')
        ? new MissingPrerequisite('the bucket of the dead letters')
        : error;
    });
    return ages.map(({ bucket, repair, ageHours, overdue, error }) => {
      if (error !== undefined) return fromError(lines, bucket, error);
      const mend = `holdfast protect ${formatAddress(ruled.cloud, { bucket })}, or ${cloudWords[ruled.cloud].dailyRepair}`;
      if (repair === undefined) return lines.warning(bucket, 'was never repaired', mend);
      const message = `last repaired ${ageHours} h ago: ${quantity(repair.versions, 'version')}, ${repair.changed} changed, ${repair.failed} failed`;
      if (overdue) return lines.warning(bucket, `${message}; that is long ago`, mend);
      return repair.failed > 0 ? lines.warning(bucket, message, mend) : lines.ok(bucket, message);
    });
  },
};
