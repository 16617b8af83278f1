import type { ErrorEntry } from './entry.ts';

/** The errors about the embedded cloud. */
export const embeddedCloudErrors = {
  LOCAL_ENDPOINT: {
    kind: 'permanent',
    message:
      '{endpoint} is not the address of an embedded cloud on this machine: expected http:// with 127.0.0.1 or localhost',
    remedy:
      'unset HOLDFAST_OSS_ENDPOINT, or set it to the address that `holdfast local` prints; for the buckets of an account use ossutil',
  },
  BUCKET_EXISTS: {
    kind: 'permanent',
    message: '{target} is there already; it was left as it is',
    remedy: 'use it, or take another name; `holdfast local ls` lists all buckets with what they take',
  },
  FAULTS_INVALID: {
    kind: 'permanent',
    message: '{file} holds no faults: {reason}',
    remedy: 'write a rule or a list of rules, with a seed or without one, as docs/faults.md shows',
  },
  IAM_POLICY_INVALID: {
    kind: 'permanent',
    message: '{file} is no IAM policy that Holdfast understands: {reason}',
    remedy: 'correct it: Version 1.1, statements with Effect, Action and Resource, and no conditions',
  },
  RAM_POLICY_INVALID: {
    kind: 'permanent',
    message: '{file} is no RAM policy: {reason}',
    remedy: 'write it as RAM takes it: Version "1", and statements of Effect, Action and Resource',
  },
  RAM_POLICY_NOT_IMPLEMENTED: {
    kind: 'permanent',
    message: '{file} has a condition that the embedded cloud does not implement: {part}',
    remedy: 'leave the condition out here, or run with --no-enforce-roles',
  },
  DATA_IN_USE: {
    kind: 'permanent',
    message: 'another process keeps its data in {folder}',
    remedy: 'stop it, or give another folder with --data',
  },
  DATA_PACKAGE_MISSING: {
    kind: 'permanent',
    message: 'cannot keep data in {folder}: the package lmdb cannot be loaded: {reason}',
    remedy:
      'run `npm install lmdb` where Holdfast is installed, or leave --data out and keep everything in memory',
  },
  DATA_UNUSABLE: {
    kind: 'permanent',
    message: 'cannot keep data in {folder}: {reason}',
    remedy: 'check the path and its permissions, or give another folder with --data',
  },
  PORT_UNUSABLE: {
    kind: 'permanent',
    message: 'cannot listen on port {port}: {reason}',
    remedy: 'stop what listens there, or give another one with --port',
  },
} as const satisfies Record<string, ErrorEntry>;
