/** This is what every approval has, of whatever it is. */
export interface Signed {
  /** The access key that was used. */
  readonly caller: string;
  /** Its end. */
  readonly until: Date;
}

/**
 * Returns the approval that counts: of somebody who does not act here, and of these the one that lasts longest. Pure.
 * @param own the access keys of those who act: their own approvals do not count
 * @returns undefined when nobody else has approved
 */
export const approvalByAnother = <Kind extends Signed>(
  approvals: readonly Kind[],
  own: ReadonlySet<string>,
): Kind | undefined =>
  approvals
    .filter(({ caller }) => !own.has(caller))
    .toSorted((one, other) => other.until.getTime() - one.until.getTime())[0];
