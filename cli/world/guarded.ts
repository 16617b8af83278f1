import { readOnly } from '../../shared/storage/dry-run.ts';
import type { Cloud } from '../options/cloud-options.ts';

/** Returns the cloud as a command may use it: with --dry-run no write goes through. */
export const guarded = (cloud: Cloud, { dryRun }: { readonly dryRun?: boolean }): Cloud =>
  dryRun === true ? { ...cloud, storage: readOnly(cloud.storage, () => undefined) } : cloud;
