import type { ErrorEntry } from './entry.ts';

/** The errors about what was typed, about files, and about single changes by hand. */
export const commandErrors = {
  USAGE: { kind: 'permanent', message: '{reason}', remedy: 'see `holdfast --help`, and that of the command' },
  ADDRESS_SCHEME: {
    kind: 'permanent',
    message: '{target} is in no cloud that Holdfast knows',
    remedy: 'begin it with oss:// (Alibaba Cloud OSS) or obs:// (Huawei OBS), in lower case',
  },
  ADDRESS_CLOUD: {
    kind: 'permanent',
    message: '{target} is in another cloud: here {served}:// is served',
    remedy:
      'give addresses of one cloud alone: they say which is meant, unless --cloud does, and functions serve the cloud that they run in (docs/obs.md)',
  },
  TEXT_ENCODING: {
    kind: 'permanent',
    message: '{source} is not UTF-8 text: {reason}',
    remedy: 'save it as UTF-8 and try again; in editors on Windows choose "UTF-8" as the encoding',
  },
  FILE_UNREADABLE: {
    kind: 'permanent',
    message: 'cannot read {file}: {reason}',
    remedy: 'check the path, and whether you may read it',
  },
  FILE_UNWRITABLE: {
    kind: 'permanent',
    message: 'cannot write {file}: {reason}',
    remedy: 'check the path, whether you may write there, and whether the disk is full',
  },
  FILES_THERE: {
    kind: 'permanent',
    message: 'nothing was written: {folder} has {files} already',
    remedy: 'name another folder with --dir, or overwrite them with --force',
  },
  PLAN_INVALID: {
    kind: 'permanent',
    message: '{file} is not a plan of this version: {reason}',
    remedy: 'make a new one with `holdfast plan --out plan.json`',
  },
  PLAN_CHANGED: {
    kind: 'permanent',
    message: 'the world has changed since the plan was made:\n{differences}',
    remedy: 'make a new plan by the command that made this one, look at it, and go on with that one',
  },
  BEYOND_RULES: {
    kind: 'permanent',
    message: 'the rules do not allow {operation} on {target}: {reason}',
    remedy: 'ask for what the rules allow, or change the rules on purpose: retention cannot be taken back',
  },
  NOT_POSSIBLE_NOW: {
    kind: 'permanent',
    message: '{operation} on {target} is not possible now: {reason}',
    remedy: '{advice}',
  },
  WOULD_SHORTEN: {
    kind: 'permanent',
    message: '{operation} on {target}: {wanted} is less than the {stored} that it has already',
    remedy: 'ask for more, or leave it: nothing shortens retention',
  },
  CHANGED_MEANWHILE: {
    kind: 'permanent',
    message: '{target} has changed since it was looked at: it was {before} and is {after}',
    remedy: 'look at it again, then repeat the command if it still makes sense',
  },
  NOT_CONFIRMED: {
    kind: 'permanent',
    message: 'not confirmed, so nothing was changed: {changes}',
    remedy: 'type `{word}` when asked, or give --yes',
  },
} as const satisfies Record<string, ErrorEntry>;
