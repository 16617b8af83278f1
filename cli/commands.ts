import type { Command } from 'commander';

/** A command as `holdfast --help` lists it; its file is loaded only when it is named. */
interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ configure(command: Command): void }>;
}

export const commands: Readonly<Record<string, Entry>> = {
  init: {
    summary: 'set up a folder: rules, their tests, s.yaml and policies for your buckets',
    load: () => import('./init.ts'),
  },
  validate: {
    summary: 'check the rules, and s.yaml beside them',
    load: () => import('./validate.ts'),
  },
  test: {
    summary: 'run the test cases of the rules, and say which rules have none',
    load: () => import('./test.ts'),
  },
  schedule: {
    summary: 'write the retention schedule of the rules, with reasons and owners',
    load: () => import('./schedule.ts'),
  },
  explain: {
    summary: 'say which rules match an object or a bucket, and what follows',
    load: () => import('./explain.ts'),
  },
  plan: {
    summary: 'show what would be done about bucket policies now; changes nothing',
    load: () => import('./plan.ts'),
  },
  apply: {
    summary: 'do what a plan says, and refuse if the world has changed since',
    load: () => import('./apply.ts'),
  },
  approve: {
    summary: 'approve what a plan does, so that somebody else may do it',
    load: () => import('./approve.ts'),
  },
  hold: {
    summary: 'open, list, show or release a matter: legal holds on versions, with a reason',
    load: () => import('./hold.ts'),
  },
  disposition: {
    summary: 'plan, approve and certify that versions whose time is over go; deletes nothing',
    load: () => import('./disposition.ts'),
  },
  export: {
    summary: 'write what an examiner asks for: versions, decisions, and the evidence that proves them',
    load: () => import('./export.ts'),
  },
  policy: {
    summary: 'get, initiate, lock, extend or abort the WORM policy of one bucket',
    load: () => import('./policy.ts'),
  },
  retention: {
    summary: 'get or put the retention of one object version',
    load: () => import('./retention.ts'),
  },
  protect: {
    summary: 'protect existing objects, all their versions, by the same rules as new ones',
    load: () => import('./protect.ts'),
  },
  report: {
    summary: 'say what is protected until when, what is not, and what becomes deletable next',
    load: () => import('./report.ts'),
  },
  diff: {
    summary: 'say what other rules would mean for what is stored: what becomes retained, and what it costs',
    load: () => import('./diff.ts'),
  },
  simulate: {
    summary: 'run a built function on a saved event',
    load: () => import('./simulate.ts'),
  },
  invoke: {
    summary: 'run a deployed function on an event',
    load: () => import('./invoke.ts'),
  },
  redrive: {
    summary: 'list the events that failed, show one, or replay them',
    load: () => import('./redrive.ts'),
  },
  audit: {
    summary: 'check the evidence of what was decided, or list it',
    load: () => import('./audit.ts'),
  },
  bundle: {
    summary: 'put the code of the functions and the rules where s.yaml or main.tf.json deploys them from',
    load: () => import('./bundle.ts'),
  },
  setup: {
    summary: 'print the script or template that makes roles, log, buckets, inventories and alarms',
    load: () => import('./setup.ts'),
  },
  doctor: {
    summary: 'prove the set-up: rules, buckets, functions, triggers, roles, dead letters, repairs',
    load: () => import('./doctor.ts'),
  },
  local: {
    summary: 'start the embedded cloud: OSS and Function Compute in one process',
    load: () => import('./local.ts'),
  },
  schema: {
    summary: 'explain a key of the rules file, with an example',
    load: () => import('./schema.ts'),
  },
  completion: {
    summary: 'print the script that completes commands in your shell',
    load: () => import('./completion.ts'),
  },
  version: {
    summary: 'print the version',
    load: () => import('./version.ts'),
  },
};
