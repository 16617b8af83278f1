import type { Identity } from './identity.ts';

/**
 * The identities of the command that runs, by profile: a command that connects twice asks for credentials once. They are
 * in a file of their own, since every command forgets those of the one before, and few need what opens them.
 */
export const openedIdentities = new Map<string | undefined, Promise<Identity>>();
