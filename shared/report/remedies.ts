/** The reasons of the report's own for which a version needs attention, with what to do about each. */
const remedies = {
  NO_RETENTION:
    'run `holdfast protect` on the bucket; if new objects come without retention, `holdfast doctor` says whether their events arrive',
  RETENTION_SHORT: 'run `holdfast protect` on the bucket: it extends the retention to the date of the rules',
  RETENTION_ENDED: 'run `holdfast protect` on the bucket, before somebody deletes the version',
  TYPE_UNSUPPORTED: 'write such data as normal objects, or exclude their keys in the rule',
  AT_CAP: 'if it has to be kept longer, raise extend.upTo of the rule or limits.maxRetention',
  LAST_MODIFIED_UNKNOWN:
    'let the inventory list LastModifiedDate, or make the report by listing, without --inventory',
  TAGS_UNREAD: 'make the report without --no-head: then tags are read',
  POLICY_OPEN: 'lock the policy in time: `holdfast plan` says whether Holdfast does, and when',
  NO_POLICY: 'see `holdfast plan`; without `initiate: true` begin one with `holdfast policy initiate`',
  POLICY_SHORT: 'extend the policy with `holdfast policy extend`, or give the rule `extend`',
} as const;

/** Returns a reason of the report's own, as a judgement has it. */
export const ownReason = (code: keyof typeof remedies, reason: string) => ({
  code,
  reason,
  remedy: remedies[code],
});
