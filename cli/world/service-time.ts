import { systemClock } from '../../shared/platform/clock.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';

/**
 * Asks the service for its time with one request that reads. Any reply has it, a refusal too.
 * @returns by how many milliseconds the service's clock is ahead of this machine's; 0 when no reply came, which
 * standard error then says
 */
export async function serviceOffsetMs({ storage, clock }: Pick<Cloud, 'storage' | 'clock'>): Promise<number> {
  try {
    await storage.listBuckets().first();
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (error.reply.status === undefined) {
      note(`the time of the service is not known, so this machine's is used: ${error.message}`);
    }
  }
  return clock.now().getTime() - systemClock.now().getTime();
}
