import type { ErrorEntry } from './entry.ts';

/** The errors about the set-up of an account: its roles, its log, and what deploys it. */
export const accountErrors = {
  ROLE_MISSING: {
    kind: 'permanent',
    message: 'role {role} does not exist, so no function can be created with it',
    remedy: 'holdfast setup > setup.sh, read it, then sh setup.sh',
  },
  ROLE_UNTRUSTED: {
    kind: 'permanent',
    message: 'role {role} cannot be taken on by {service}',
    remedy: 'holdfast setup > setup.sh, read it, then sh setup.sh',
  },
  ROLE_LACKS: {
    kind: 'permanent',
    message: 'role {role} does not allow {what}',
    remedy: 'holdfast setup > setup.sh, then sh setup.sh: it makes a new version of the policy from {file}',
  },
  LOG_PROJECT_MISSING: {
    kind: 'permanent',
    message: 'log project {project} does not exist, so no function can be created that logs to it',
    remedy: 'holdfast setup > setup.sh, read it, then sh setup.sh',
  },
  LOGSTORE_MISSING: {
    kind: 'permanent',
    message:
      'log project {project} has no logstore {logstore}, so no function can be created that logs to it',
    remedy: 'holdfast setup > setup.sh, read it, then sh setup.sh',
  },
  LOG_PROJECT_FOREIGN: {
    kind: 'permanent',
    message: 'log project {project} cannot be read: another customer has that name, or the key may not look',
    remedy:
      'take the account into the name (holdfast-ACCOUNT, vars.logProject in s.yaml), or allow log:GetProject',
  },
  COMPONENT_UNPINNED: {
    kind: 'permanent',
    message: 's.yaml names no version of the component for {resources}: each deployment takes the newest',
    remedy: 'name the version: component: {component}',
  },
  ACCOUNT_UNREADABLE: {
    kind: 'permanent',
    message: '{command} failed: {reason}',
    remedy: 'give the key of the command line the permission to read, or look yourself',
  },
  SETUP_INCOMPLETE: {
    kind: 'permanent',
    message: 'the set-up cannot be worked out: {reason}',
    remedy: 'run it in the folder of rules.yaml, s.yaml and ram/, or make them with `holdfast init`',
  },
} as const satisfies Record<string, ErrorEntry>;
