import type { AuditRecord } from '../../shared/audit/file.ts';
import { searchAudit } from '../../shared/audit/search.ts';
import type { HoldTestWorld } from './hold-world.ts';

const evidence = { bucket: 'evidence', prefix: 'decisions/' };

/** Returns what the evidence has of releases. */
export async function releasesIn({
  storage,
  cloud,
}: Pick<HoldTestWorld, 'storage' | 'cloud'>): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  const asked = { actions: ['released'] };
  for await (const { record } of searchAudit(storage, evidence, asked, undefined, cloud.time.now()))
    found.push(record);
  return found;
}
