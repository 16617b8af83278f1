/** A role as the account has it. */
export interface LiveRole {
  /** The services that may take it on. */
  readonly services: readonly string[];
  /** The texts of the policies that are attached to it. */
  readonly policies: readonly { readonly name: string; readonly text: string }[];
}

/**
 * This is where the functions log to. `unreadable`: another customer has a project of that name, or the caller may
 * not look.
 */
export type LogPlace = 'there' | 'no-project' | 'no-logstore' | 'unreadable';

/**
 * This is what an account holds beside its functions and buckets, read only. Every call throws the coded errors of
 * ../platform/errors.ts.
 */
export interface AccountReader {
  /** Undefined: there is no such role. */
  getRole(name: string): Promise<LiveRole | undefined>;
  getLogPlace(project: string, logstore: string): Promise<LogPlace>;
}
