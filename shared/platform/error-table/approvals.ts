import type { ErrorEntry } from './entry.ts';

/** The errors about evidence, disposition and approvals. */
export const approvalErrors = {
  AUDIT_UNWRITTEN: {
    kind: 'transient',
    message: '{count} {count|record|records} of what was decided cannot be written to {place}: {reason}',
    remedy:
      'make the place writable; the decisions stand, their records are in the log whole, and repeating is harmless',
  },
  EVIDENCE_UNSET: {
    kind: 'permanent',
    message: 'the rules name no folder for evidence, which is needed for {what}',
    remedy: 'set `audit: {cloud}://bucket/folder/` in the rules (docs/audit.md)',
  },
  DISPOSITION_PLAN_INVALID: {
    kind: 'permanent',
    message: '{file} is no plan of disposition: {reason}',
    remedy: 'make it again with `holdfast disposition plan --out FOLDER`, and change nothing in it',
  },
  DISPOSITION_UNPLANNED: {
    kind: 'permanent',
    message: 'the evidence has no record of plan {plan}',
    remedy:
      'make the plan with these rules and this folder of evidence: `holdfast disposition plan --out FOLDER`',
  },
  DISPOSITION_UNAPPROVED: {
    kind: 'permanent',
    message: 'nobody but its maker has approved plan {plan}',
    remedy:
      'let somebody with another access key run `holdfast disposition approve {folder}{option} --reason "…"`',
  },
  DISPOSITION_STALE: {
    kind: 'permanent',
    message: 'the plan in {folder} is not true any more: {reason}',
    remedy: 'nothing was approved; make a new plan in another folder with `holdfast disposition plan`',
  },
  CALLER_TEMPORARY: {
    kind: 'permanent',
    message:
      'the access key {caller}, from {callerFrom}, is of a session: the next session has another, so it tells nobody apart',
    remedy:
      'use the access key of a user: to plan a disposition, to approve, and to do what needs an approval (docs/approvals-sessions.md)',
  },
  APPROVAL_MISSING: {
    kind: 'permanent',
    message: 'the rules ask that somebody else approves this first, and nobody has: {what}',
    remedy:
      'make a plan of it with `{make}`, and let somebody with another access key run `holdfast approve plan.json{option}`',
  },
  APPROVAL_EXPIRED: {
    kind: 'permanent',
    message: 'the approval by {caller} ended at {until}: {what}',
    remedy:
      'make a plan of it with `{make}`, and let somebody with another access key run `holdfast approve plan.json{option}`',
  },
  APPROVAL_OTHER: {
    kind: 'permanent',
    message: 'this was not approved: {what}. The approval by {caller} is of another plan: {other}',
    remedy:
      'find out what has changed; make a plan with `{make}`, and let somebody with another access key run `holdfast approve plan.json{option}`',
  },
  APPROVAL_MALFORMED: {
    kind: 'permanent',
    message: '{target} is no approval: {reason}',
    remedy:
      'it approves nothing; find out who wrote it, and let somebody approve anew with `holdfast approve plan.json`',
  },
  APPROVAL_PLAN_INVALID: {
    kind: 'permanent',
    message: '{file} is nothing that can be approved: {reason}',
    remedy:
      'make it with `holdfast plan --out plan.json`, or with --dry-run --json of the command that is to be approved (docs/approvals.md)',
  },
  APPROVAL_EXCEEDED: {
    kind: 'permanent',
    message: '{target} was not retained until {until}: this run may retain {most}{latest}, and no more',
    remedy:
      'something has changed since the run was counted: make a plan with `holdfast protect … --dry-run --json > plan.json`, and let somebody else approve it',
  },
  APPROVAL_UNCOUNTED: {
    kind: 'permanent',
    message:
      'the rules ask for approvals of retention, and --fan-out cannot tell which versions were approved',
    remedy: 'run `holdfast protect` without --fan-out',
  },
  APPROVAL_OWN: {
    kind: 'permanent',
    message: "one's own approval does not count, and the access key in use is {caller}: {what}",
    remedy: 'let somebody else approve it, with an access key of their own',
  },
} as const satisfies Record<string, ErrorEntry>;
