/**
 * Every error that Holdfast reports, in one table: what happened, what to do about it, and whether trying
 * again can help. Names in braces are filled in from the parameters given to `failure` (errors.ts); `{count|one|many}` is
 * the word that goes with the number `count`.
 */

/** One line of the table. */
export interface ErrorEntry {
  /** transient: the same call may succeed later. permanent: a person has to change something first. */
  readonly kind: 'transient' | 'permanent';
  readonly message: string;
  readonly remedy: string;
}

export const errorTable = {
  // rules and configuration
  RULES_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the lines named, then run `holdfast validate {file}`',
  },
  RULES_UNREADABLE: {
    kind: 'permanent',
    message: 'cannot read the rules from {source}: {reason}',
    remedy:
      'set HOLDFAST_RULES to a readable file, or to the address of an object in the cloud that is served: oss://bucket/key, or obs://bucket/key',
  },
  TESTS_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the lines named; docs/rules-tests.md shows how cases are written',
  },
  PRICES_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the lines named; docs/diff.md shows a table of prices',
  },
  REPORT_INVALID: {
    kind: 'permanent',
    message: '{file}:{line} is not a report of single versions: {reason}',
    remedy: 'make one with `holdfast report --format jsonl --output report.jsonl`, and give that',
  },
  CONFIG_INVALID: {
    kind: 'permanent',
    message: '{name} is not usable: {reason}',
    remedy: 'set {name} as docs/configuration.md says',
  },
  TEMPLATE_INVALID: {
    kind: 'permanent',
    message: '{count} {count|mistake|mistakes} in {file}:\n{problems}',
    remedy: 'correct the places named, and try again; `holdfast validate` checks an s.yaml',
  },
  RULES_COLLIDE: {
    kind: 'permanent',
    message: 'bucket {bucket} is matched by object rules ({objectRules}) and by bucket rules ({bucketRules})',
    remedy: 'let only one kind of rule match the bucket: OSS makes ObjectWorm and a WORM policy exclusive',
  },
  BUCKET_RULES_OVERLAP: {
    kind: 'permanent',
    message: 'bucket {bucket} is matched by more than one bucket rule: {bucketRules}',
    remedy: 'let exactly one bucket rule match the bucket; a policy cannot follow two',
  },
  DEFAULT_RULES_OVERLAP: {
    kind: 'permanent',
    message: 'bucket {bucket} is matched by more than one rule under defaults: {rules}',
    remedy: 'let exactly one of them match the bucket; it has one default retention',
  },

  // events
  EVENT_MALFORMED: {
    kind: 'permanent',
    message: 'the event cannot be read: {reason}',
    remedy: 'send an OSS event with `events`, a CloudEvent of type oss:…, or its bare data',
  },
  OBS_EVENT_MALFORMED: {
    kind: 'permanent',
    message: 'the event cannot be read: {reason}',
    remedy:
      'send an event of OBS: the records of a FunctionGraph trigger, a CloudEvent of EventGrid, or records with `obs`',
  },
  EVENTS_FAILED: {
    kind: 'transient',
    message: '{failed} of {total} {total|event|events} failed:\n{failures}',
    remedy: 'see each event above; repeating the whole invocation is harmless',
  },
  EVENT_OUT_OF_TIME: {
    kind: 'transient',
    message: 'the time of the invocation was over before the event about {target} was begun',
    remedy:
      'it is repeated, and the repetition begins with other events; if it persists, raise the timeout of the function',
  },
  RUN_FAILED: {
    kind: 'transient',
    message: '{failed} of {total} {total|bucket|buckets} {failed|needs|need} attention:\n{failures}',
    remedy: 'see each bucket above; the next run tries again',
  },

  TIME_RAN_OUT: {
    kind: 'transient',
    message: 'the time of the run was over before bucket {bucket} was served',
    remedy: 'the next run begins with other buckets; if it persists, raise the timeout of policy-timer',
  },
  STEP_UNFINISHED: {
    kind: 'transient',
    message: 'the time of the run was over before {what} was finished',
    remedy: 'the next run begins anew; if it persists, raise the timeout of the function in s.yaml',
  },

  // dead letters
  DEAD_LETTER_MALFORMED: {
    kind: 'permanent',
    message: 'the failure of a function came as something that cannot be read: {reason}',
    remedy: 'its text is in this log line: save it, and repeat the event in it with `holdfast simulate`',
  },
  DEAD_LETTERS_UNSET: {
    kind: 'permanent',
    message: 'the rules say nowhere to keep the failure of {function} (request {requestId})',
    remedy:
      'set `deadLetters` in the rules to a folder of the cloud that is served (oss://bucket/prefix/, or obs://bucket/prefix/); until then it stands in this log line alone',
  },
  DEAD_LETTER_OWN: {
    kind: 'permanent',
    message:
      '{function} failed about dead letters themselves (request {requestId}): {reason}; this makes no further dead letter',
    remedy: 'correct what it says, or let no rule and no trigger match the folder of the dead letters',
  },
  DEAD_LETTER_UNKNOWN: {
    kind: 'permanent',
    message: 'there is no dead letter {id} in {place}',
    remedy: 'see their ids with `holdfast redrive list --all` (on OBS with `--cloud obs`)',
  },
  DEAD_LETTER_AMBIGUOUS: {
    kind: 'permanent',
    message: 'several dead letters claim the id {id}: {names}',
    remedy:
      'name one of them; at most one was written by Holdfast, so find out who else may write to the folder',
  },
  DEAD_LETTER_REFUSED: {
    kind: 'permanent',
    message: 'dead letter {id} is not replayed: {reason}',
    remedy:
      'look at it with `holdfast redrive show {id}` (on OBS with `--cloud obs`); if Holdfast did not write it, find out who may write to the folder',
  },
  DEAD_LETTER_BROKEN: {
    kind: 'permanent',
    message: '{target} is no dead letter of this version: {reason}',
    remedy: 'look at the object: something else than Holdfast has written it, or another version',
  },

  // evidence
  AUDIT_UNWRITTEN: {
    kind: 'transient',
    message: '{count} {count|record|records} of what was decided cannot be written to {place}: {reason}',
    remedy:
      'make the place writable; the decisions stand, their records are in the log whole, and repeating is harmless',
  },

  // decisions about objects
  OVER_CAP: {
    kind: 'permanent',
    message: 'rule {rule} asks to keep {target} until {until}, beyond limits.maxRetention ({limit})',
    remedy: 'lower the rule or the tag, give the rule `atMost`, or raise limits.maxRetention on purpose',
  },
  TAG_UNREADABLE: {
    kind: 'permanent',
    message: 'rule {rule} cannot read tag {tag} of {target}: {value} is not {expected}',
    remedy: 'correct the tag and repeat the event, or give the rule `otherwise`',
  },
  OBJECT_WORM_OFF: {
    kind: 'permanent',
    message: '{target} takes no retention: object lock is not enabled on bucket {bucket}',
    remedy:
      'enable versioning, then object lock, for good: on OSS it is ObjectWorm, by invitation (docs/limits.md); on OBS it is WORM, by `holdfast setup --cloud obs` (docs/obs-deploy.md)',
  },
  WORM_NOT_OFFERED: {
    kind: 'permanent',
    message: '{operation} on {target}: WORM is not offered here ({code})',
    remedy:
      'use a region whose OBS offers WORM, and no parallel file system; or leave bucket {bucket} out of the rules',
  },
  TAGS_NOT_OFFERED: {
    kind: 'permanent',
    message: '{operation} on {target}: tags are not offered here ({code})',
    remedy: 'use rules without tags for bucket {bucket}, or a region whose OBS offers object tags',
  },
  VERSIONING_OFF: {
    kind: 'permanent',
    message: '{target} cannot be retained by version: its bucket keeps no versions',
    remedy: 'enable versioning, then object lock (ObjectWorm on OSS, WORM on OBS) on the bucket',
  },
  GOVERNANCE_MODE: {
    kind: 'permanent',
    message: '{target} is under GOVERNANCE retention, which nothing turns into COMPLIANCE',
    remedy:
      'copy the object to a new version without GOVERNANCE, or leave it as it is and exclude it by a rule',
  },

  // decisions about bucket policies
  BUCKET_MISSING: {
    kind: 'permanent',
    message: 'rule {rule} names bucket {bucket}, which does not exist in this account',
    remedy: 'create the bucket or correct the rule',
  },
  BUCKET_ELSEWHERE: {
    kind: 'permanent',
    message: 'rule {rule} matches bucket {bucket} in {region}; this function serves {here} only',
    remedy: 'deploy Holdfast in {region} too, or narrow the rule',
  },
  OUTCOME_UNKNOWN: {
    kind: 'transient',
    message: '{operation} on {target} was sent, and nobody knows whether it took effect: {reason}',
    remedy: 'see `holdfast policy get {target}`; the next run reads the policy and goes on from there',
  },
  RENEWAL_HALF_DONE: {
    kind: 'transient',
    message: 'the lapsed policy of {target} was aborted, and no new one was initiated: {reason}',
    remedy: 'the next run initiates one; at once: `holdfast policy initiate {target} --days {days}`',
  },
  NOT_VERIFIED: {
    kind: 'transient',
    message: '{operation} on {target} was accepted, but reading it back shows {found}',
    remedy: 'run again; if it stays so, look at the bucket in the console',
  },

  POLICY_NOT_OFFERED: {
    kind: 'permanent',
    message: '{target}: {service} offers no WORM policies of buckets',
    remedy: 'protect its objects by object rules (docs/obs.md), or give the address of a bucket in oss://',
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

  HOLD_ELSEWHERE: {
    kind: 'permanent',
    message: 'matter {matter} reaches bucket {bucket} in {region}; this command serves {here} only',
    remedy:
      'open a matter of {region} with the rules and the evidence folder of that region, or narrow --match',
  },
  MATTER_EXISTS: {
    kind: 'permanent',
    message: 'there is a matter {matter} already: {state}',
    remedy: 'choose another name; `holdfast hold show {matter}` says what this one holds',
  },
  MATTER_UNKNOWN: {
    kind: 'permanent',
    message: 'there is no matter {matter}',
    remedy: '`holdfast hold list` shows all; names are case-sensitive, and each cloud has its own (--cloud)',
  },
  MATTER_RELEASED: {
    kind: 'permanent',
    message: 'matter {matter} was released at {time} by {who}',
    remedy:
      'nothing is left to do; if one of its holds is still on, add --again to `holdfast hold release {matter}`; to hold its versions again, open a matter of another name',
  },
  MATTER_OPEN: {
    kind: 'permanent',
    message: 'matter {matter} is open, and only a released one is gone over again',
    remedy: 'release it: `holdfast hold release {matter}` without --again',
  },
  MATTER_MALFORMED: {
    kind: 'permanent',
    message: '{target} is no record of a matter: {reason}',
    remedy:
      'update Holdfast if a newer one wrote it; else find out who did, and see what it left open with `holdfast hold list`',
  },
  HOLD_NOT_OFFERED: {
    kind: 'permanent',
    message: '{target} takes no legal hold: {detail}',
    remedy:
      'enable ObjectWorm on the bucket (docs/limits.md), or WORM on OBS: without it neither a hold nor retention is taken',
  },

  HOLD_NOT_LIFTED: {
    kind: 'permanent',
    message: '{target} takes and tells no legal hold any more: {state}',
    remedy:
      'run the same `holdfast hold release` again when the bucket takes legal holds; until then the version may be kept',
  },

  // the storage service
  ACCESS_DENIED: {
    kind: 'permanent',
    message: '{operation} on {target} is not allowed',
    remedy: 'grant {action} to the role or user that Holdfast runs as',
  },
  CREDENTIALS_INVALID: {
    kind: 'permanent',
    message: '{operation} on {target}: the access key or its signature is refused ({code})',
    remedy:
      'check that the access key id, its secret and the security token are of this cloud, belong together, are enabled and have not expired',
  },
  ACCOUNT_BLOCKED: {
    kind: 'permanent',
    message: '{operation} on {target}: the service is closed to the account or the bucket ({code}: {detail})',
    remedy:
      'see the account in the console: overdue payments, a block for security, or the service not activated; no permission helps',
  },
  CLOCK_SKEWED: {
    kind: 'permanent',
    message: '{operation} on {target}: this machine and the service differ by more than 15 minutes',
    remedy: 'set the clock of this machine (NTP)',
  },
  NO_SUCH_BUCKET: {
    kind: 'permanent',
    message: '{operation}: bucket {address} does not exist',
    remedy:
      'check the name and the region, in the command and in the rules (`audit` and `deadLetters` name buckets, too)',
  },
  NO_SUCH_OBJECT: {
    kind: 'permanent',
    message: '{operation}: {target} does not exist ({code})',
    remedy: 'check key and version id',
  },
  IS_DELETE_MARKER: {
    kind: 'permanent',
    message: '{operation}: {target} is a delete marker, which carries no data and no retention',
    remedy: 'name the version id of the data',
  },
  NO_POLICY: {
    kind: 'permanent',
    message: '{operation}: bucket {target} has no such WORM policy',
    remedy: 'initiate a policy first, or read its current id',
  },
  POLICY_LOCKED: {
    kind: 'permanent',
    message: '{operation}: the WORM policy of {target} is locked; it can only be extended',
    remedy: 'nothing can undo a locked policy',
  },
  POLICY_REFUSED: {
    kind: 'permanent',
    message: '{operation} on {target}: the service refuses this WORM policy change ({detail})',
    remedy: 'an unlocked policy cannot be extended, and a locked one only lengthened',
  },
  IMMUTABLE: {
    kind: 'permanent',
    message: '{operation} on {target}: it is protected (FileImmutable)',
    remedy: 'nothing to do before its retention ends',
  },
  REQUEST_REFUSED: {
    kind: 'permanent',
    message: '{operation} on {target} is refused: {code} ({detail})',
    remedy: 'see the code in the documentation of the service; the request id helps its support',
  },
  THROTTLED: {
    kind: 'transient',
    message: '{operation} on {target} is throttled ({code})',
    remedy: 'it is retried; if it persists, lower the concurrency or ask for a higher QPS limit',
  },
  SERVICE_FAILED: {
    kind: 'transient',
    message: '{operation} on {target} failed in the service: {status} {code}',
    remedy: 'it is retried; if it persists, see the status page of the service',
  },
  UNREACHABLE: {
    kind: 'transient',
    message: '{operation} on {target}: no answer from {endpoint} ({reason})',
    remedy: 'check the endpoint, the network and the region; it is retried',
  },
  NO_TIME_LEFT: {
    kind: 'transient',
    message: '{operation} on {target} was not sent to {endpoint}: the time of the run is over',
    remedy: 'the next run does what is left; if it persists, raise the timeout of the function',
  },
  CERTIFICATE_INVALID: {
    kind: 'permanent',
    message: '{operation} on {target}: {endpoint} cannot prove that it is the service ({reason})',
    remedy:
      'check the endpoint; if a company gateway opens TLS, name its certificate authority in NODE_EXTRA_CA_CERTS',
  },
  PROXY_REFUSED: {
    kind: 'permanent',
    message: '{operation} on {target}: proxy {proxy} does not let it through to {endpoint} ({reason})',
    remedy: 'correct HTTPS_PROXY (its address, user and password), or name the endpoint in NO_PROXY',
  },
  OUTAGE: {
    kind: 'transient',
    message: '{count} calls in a row failed, each after all its repetitions; the last one: {last}',
    remedy: 'wait until the service answers again, then run the same command: it goes on where it was',
  },
  CURSOR_INVALID: {
    kind: 'permanent',
    message: 'the list of versions cannot be entered at {cursor}: that is no place in such a list',
    remedy: 'begin the list anew: the record that holds the place is damaged, or of another version',
  },
  UNEXPECTED_REPLY: {
    kind: 'permanent',
    message: '{operation} on {target}: the reply cannot be understood ({reason})',
    remedy: 'report it with the request id; nothing was assumed from it',
  },

  // invoking functions
  NO_SUCH_FUNCTION: {
    kind: 'permanent',
    message: 'there is no function {name} at {endpoint}',
    remedy: 'check the name, the region and the account; `s deploy` deploys the functions of s.yaml',
  },
  INVOKE_REFUSED: {
    kind: 'permanent',
    message: '{operation} of function {name} is refused: {code} ({detail})',
    remedy: 'see the code in the documentation of Function Compute; the request id helps Alibaba support',
  },
  INVOKE_FAILED: {
    kind: 'transient',
    message: '{operation} of function {name} failed in the service: {status} {code} ({detail})',
    remedy: 'try again; if it persists, see the status page of Function Compute',
  },

  // existing objects
  INVENTORY_INVALID: {
    kind: 'permanent',
    message: 'the inventory {source} cannot be used: {reason}',
    remedy: 'use a newer inventory of this bucket, or leave out --inventory to list its versions',
  },
  VERSION_NOT_FOUND: {
    kind: 'permanent',
    message:
      '{target} is named by the inventory and not in the bucket, under no reading of its key; no delete marker or other version shows that it was deleted',
    remedy:
      'if it was deleted for good after the inventory was taken, nothing is to be done; else list the bucket instead, and check how keys are encoded in the inventory',
  },
  CHECKPOINT_MISMATCH: {
    kind: 'permanent',
    message: 'the checkpoint {file} is of another run: {differences}',
    remedy:
      'run with what it was begun with, begin anew with --restart (of `hold open`: --again), or name another --checkpoint or --out',
  },
  CHECKPOINT_UNUSABLE: {
    kind: 'permanent',
    message: 'the checkpoint {file} cannot be used: {reason}',
    remedy: 'make its folder writable, begin anew with --restart, or name another --checkpoint or --out',
  },
  CHECKPOINT_IN_USE: {
    kind: 'permanent',
    message: 'another process works with the checkpoint {file}',
    remedy: 'wait for it to end, or stop it; it goes on where it was',
  },
  REPORT_UNWRITABLE: {
    kind: 'permanent',
    message: 'cannot write the report {file}: {reason}',
    remedy: 'make room there and run the same command again: it goes on, and reports what was done meanwhile',
  },
  REPAIR_BROKEN: {
    kind: 'permanent',
    message: '{target} is no record of a repair: {reason}',
    remedy: 'look at the object: something else than Holdfast has written it; the next repair writes it anew',
  },
  TASK_REFUSED: {
    kind: 'permanent',
    message: '{what} is not worked on: {reason}',
    remedy:
      'start the run again with the command or the inventory that planned it; a task that nobody planned does nothing',
  },
  RULES_DIFFER: {
    kind: 'permanent',
    message: 'the function has other rules ({here}) than the run was begun with ({asked})',
    remedy: 'deploy the rules that --rules names, or let --rules name those that are deployed',
  },
  REPAIR_PLACE_UNSET: {
    kind: 'permanent',
    message: 'the rules name no `deadLetters`: there is nowhere to keep the plan and the results of {what}',
    remedy:
      'set `deadLetters` in the rules to a folder of the cloud that is served: oss://bucket/prefix/, or obs://bucket/prefix/',
  },
  FAN_OUT_REFUSED: {
    kind: 'permanent',
    message: 'function {name} does not take this run: {code}: {reason}',
    remedy: '{remedy}',
  },
  UNFINISHED: {
    kind: 'transient',
    message: 'the time was over before {what} was done',
    remedy: 'repeat the event: it goes on where it was',
  },
  TOO_SLOW: {
    kind: 'permanent',
    message: '{what} made no progress within the time limit',
    remedy: 'raise --qps (HOLDFAST_TASK_QPS for repairs), or the timeout of protect-existing in s.yaml',
  },
  TOO_MANY_OBJECTS: {
    kind: 'permanent',
    message:
      'more than {limit} {limit|version|versions} of {target} would change, so nothing more was changed',
    remedy: 'look at them with --dry-run, then narrow the prefix or raise --max-objects',
  },

  // command line
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
  NO_RULE_FOR_CLOUD: {
    kind: 'permanent',
    message:
      'no rule in {file} is for {served}://: each is for another cloud, or needs what {served}:// does not offer',
    remedy: 'add an object rule whose bucket glob has no scheme, or begins with {served}:// (docs/obs.md)',
  },
  CREDENTIALS_MISSING: {
    kind: 'permanent',
    message: 'there are no credentials; looked at:{looked}',
    remedy:
      'set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or make a profile with `aliyun configure`; docs/credentials.md lists all ways',
  },
  CREDENTIALS_REFUSED: {
    kind: 'permanent',
    message: '{source}: no credentials are given: {reason}',
    remedy:
      'see that this place is right, and that the role exists and may be assumed by who asks (docs/credentials.md)',
  },
  CREDENTIALS_UNREACHABLE: {
    kind: 'transient',
    message: '{source}: nobody answers a request for credentials: {reason}',
    remedy: 'check the network from this machine to that place, then run again',
  },
  PROFILES_INVALID: {
    kind: 'permanent',
    message: 'the profiles in {file} cannot be read: {reason}',
    remedy: 'correct the file, or write it anew with `aliyun configure`',
  },
  PROFILE_UNKNOWN: {
    kind: 'permanent',
    message: 'there is no profile "{name}" in {file}; {has}',
    remedy:
      'give --profile or ALIBABA_CLOUD_PROFILE one of them, or make it with `aliyun configure --profile`',
  },
  PROFILE_INVALID: {
    kind: 'permanent',
    message: 'profile "{name}" in {file}: {reason}',
    remedy: 'set it anew with `aliyun configure --profile`, or use another profile',
  },
  OBS_CREDENTIALS_MISSING: {
    kind: 'permanent',
    message: 'there are no credentials for OBS in the environment; looked at:{looked}',
    remedy:
      'set OBS_ACCESS_KEY_ID and OBS_SECRET_ACCESS_KEY, or HW_ACCESS_KEY and HW_SECRET_KEY, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK (those of Alibaba Cloud are not used for OBS)',
  },
  AGENCY_MISSING: {
    kind: 'permanent',
    message: 'FunctionGraph gives the function {name} no credentials: it has no agency',
    remedy: 'give it an execution agency for op_svc_cff with the permissions that docs/obs.md lists',
  },
  TEXT_ENCODING: {
    kind: 'permanent',
    message: '{source} is not UTF-8 text: {reason}',
    remedy: 'save it as UTF-8 and try again; in editors on Windows choose "UTF-8" as the encoding',
  },
  FILE_UNREADABLE: {
    kind: 'permanent',
    message: 'cannot read {file}: {reason}',
    remedy: 'check the path',
  },
  FILE_UNWRITABLE: {
    kind: 'permanent',
    message: 'cannot write {file}: {reason}',
    remedy: 'check the path, and whether the disk is full',
  },
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
  FILES_THERE: {
    kind: 'permanent',
    message: 'nothing was written: {folder} has {files} already',
    remedy: 'name another folder with --dir, or overwrite them with --force',
  },
  PLAN_INVALID: {
    kind: 'permanent',
    message: '{file} is not a plan of this version: {reason}',
    remedy: 'make a new one with `holdfast plan --out {file}`',
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
  FUNCTION_NOT_BUILT: {
    kind: 'permanent',
    message: 'function {name} is not built: there is no {file}',
    remedy: 'run `npm run build`, or name a function that is there',
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
