/** This is what is wrong with the evidence. */
export type Fault =
  /** Another file, or the numbers, say that it was there. */
  | 'missing'
  /** Its content is not the one that its name has the hash of. */
  | 'changed'
  /** A whole file, at another place than it was written to. */
  | 'misplaced'
  /** It does not follow the file before it, or is there twice with different contents. */
  | 'out-of-order'
  /** A delete marker lies over it; the data is still there. */
  | 'hidden'
  /** Nothing keeps it from being deleted. */
  | 'unretained'
  /** Something else than evidence. */
  | 'foreign';

export interface AuditFinding {
  readonly fault: Fault;
  /** Below the folder of the evidence. */
  readonly file: string;
  readonly reason: string;
}
