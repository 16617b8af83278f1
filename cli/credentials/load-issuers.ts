import type { Clock } from '../../shared/platform/clock.ts';
import type { Issuers } from './issuer.ts';

/** Loads what asks for temporary credentials; a command with a key of its own does without. */
export type LoadIssuers = () => Promise<Issuers>;

/** Loads @alicloud/credentials. */
export const loadIssuers =
  (clock: Clock): LoadIssuers =>
  async () =>
    (await import('./issuer.ts')).createIssuers(clock);
