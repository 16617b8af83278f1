/** One line of the table of errors. */
export interface ErrorEntry {
  /** transient: the same call may succeed later. permanent: a person has to change something first. */
  readonly kind: 'transient' | 'permanent';
  readonly message: string;
  readonly remedy: string;
}
