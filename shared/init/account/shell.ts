import { accountMark } from './account-id.ts';
import { type Alarm, type AlarmPlace, alertRule, indexedKeys } from './alarms.ts';
import {
  type Infrastructure,
  type InventoryToMake,
  inventoryFields,
  inventoryPrefix,
} from './infrastructure.ts';
import { logIndex } from './log-index.ts';

/** Returns a text as one word of a shell command, whatever it holds; the account is filled in when the script runs. */
export const word = (text: string): string =>
  `'${text.replaceAll("'", `'\\''`).replaceAll(accountMark, `'"$account"'`)}'`;

const call = (name: string, ...words: readonly string[]): string => [name, ...words.map(word)].join(' ');

/**
 * Writes the script that makes everything with Alibaba's command line. It looks before it writes, so that running it again
 * changes nothing but what has become different.
 */
export function setupScript(made: Infrastructure, actionPolicy: string): string {
  const { project, logstore } = made.log;
  const place: AlarmPlace = { project, logstore, region: made.region, actionPolicy };
  return [
    prologue(made.region),
    ...section('The role by which Function Compute itself acts', [
      call('service_role', 'AliyunServiceRoleForFC', 'fc.aliyuncs.com'),
    ]),
    ...section(
      'The log of the functions. The name of a project is unique in its region, across all customers',
      [
        call('log_project', project, JSON.stringify({ projectName: project, description: 'Holdfast' })),
        call(
          'logstore',
          project,
          logstore,
          JSON.stringify({ logstoreName: logstore, ttl: 180, shardCount: 2 }),
        ),
        call('log_index', project, logstore, JSON.stringify(logIndex), ...indexPieces),
      ],
    ),
    ...section('Roles: who takes each on, and what it may do', [
      ...made.roles.flatMap(({ name, trust, policy }) => [
        call('role', name, trust),
        call('policy', name, policy),
        call('attach', name, name),
      ]),
    ]),
    ...section('What whoever deploys may do. Attach it to that user or role yourself', [
      call('policy', 'holdfast-deployer', made.deployer),
    ]),
    ...section('Buckets for dead letters and inventories; what is only needed for a while is deleted', [
      ...made.buckets.flatMap(({ name, expire }) => [
        call('bucket', name),
        call('lifecycle', name, expire.id, lifecycle(expire)),
      ]),
    ]),
    ...section('A daily inventory of each bucket, which finds what an event has missed', [
      ...made.inventories.map((each) =>
        call('inventory', each.bucket, inventory(each), each.destination, ...inventoryFields),
      ),
    ]),
    ...irreversible(made),
    ...section(
      'Alarms: alert rules over the log',
      made.alarms.map((alarm) => alarmCall(alarm, place)),
    ),
    'printf \'%s\\n\' "done: $changes changed"',
    '',
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `# ${title}.`, ...lines];

/** Versioning and ObjectWorm stay for good: they are turned on for buckets that somebody has named, and no others. */
function irreversible({ protectedBuckets, irreversible: asked }: Infrastructure): string[] {
  const lines = protectedBuckets.flatMap((bucket) => [
    asked.versioning.includes(bucket)
      ? `${call('enable_versioning', bucket)} # IRREVERSIBLE: asked for by --enable-versioning`
      : call('need_versioning', bucket),
    asked.objectWorm.includes(bucket)
      ? `${call('enable_object_worm', bucket)} # IRREVERSIBLE: asked for by --enable-object-worm`
      : call('need_object_worm', bucket),
  ]);
  return section(
    'IRREVERSIBLE where it says so: neither versioning nor ObjectWorm can be turned off again',
    lines,
  );
}

const indexPieces = [
  ...indexedKeys.ofService,
  ...indexedKeys.ofLines.text,
  ...indexedKeys.ofLines.whole,
  ...indexedKeys.ofLines.decimal,
].map((key) => `"${key}":`);

const alarmCall = (alarm: Alarm, place: AlarmPlace): string =>
  call(
    'alarm',
    place.project,
    alarm.name,
    JSON.stringify(alertRule(alarm, place)),
    alarm.query,
    `"condition":"${alarm.condition}"`,
    `"start":"-${alarm.spanMinutes}m"`,
    `"threshold":${alarm.times}`,
  );

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const lifecycle = ({ id, prefix, days }: { id: string; prefix: string; days: number }): string =>
  `<LifecycleConfiguration><Rule><ID>${id}</ID><Prefix>${xml(prefix)}</Prefix><Status>Enabled</Status>` +
  `<Expiration><Days>${days}</Days></Expiration></Rule></LifecycleConfiguration>`;

const inventory = ({ destination }: InventoryToMake): string =>
  '<InventoryConfiguration><Id>holdfast</Id><IsEnabled>true</IsEnabled><Destination><OSSBucketDestination>' +
  `<Format>CSV</Format><AccountId>${accountMark}</AccountId>` +
  `<RoleArn>acs:ram::${accountMark}:role/holdfast-inventory</RoleArn>` +
  `<Bucket>acs:oss:::${destination}</Bucket><Prefix>${inventoryPrefix}</Prefix></OSSBucketDestination></Destination>` +
  '<Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions>' +
  `<OptionalFields>${inventoryFields.map((field) => `<Field>${field}</Field>`).join('')}</OptionalFields>` +
  '</InventoryConfiguration>';

const prologue = (region: string): string => `#!/bin/sh
# Makes what \`s deploy\` does not make for Holdfast. Written by \`holdfast setup\`; write it anew when rules.yaml, s.yaml or ram/
# have changed, and run it again: it looks before it writes, and changes nothing but what has become different.
#
# It needs Alibaba's command line (aliyun 3.3.3 or later, which has ossutil 2 in it), with a key that may do all of this:
# \`aliyun configure\`. The account is that of the key, or ALIBABA_CLOUD_ACCOUNT_ID.
set -eu

region=${word(region)}
changes=0

fail() { # code, message, what to do
  printf 'error %s: %s\\n  do: %s\\n' "$1" "$2" "$3" >&2
  exit 1
}
changed() {
  changes=$((changes + 1))
  printf '%s\\n' "$1"
}
todo() { # message, what to do
  printf 'still to do: %s\\n  do: %s\\n' "$1" "$2" >&2
}

# Looks whether something is there, and keeps the answer. Any failure but "there is none" ends the script.
there() {
  if answer=$(aliyun "$@" --region "$region" 2>&1); then return 0; fi
  case $answer in *NotExist* | *NoSuch*) return 1 ;; esac
  fail SETUP_LOOK_FAILED "aliyun $1 $2: $answer" 'give the key the permission, or restore the connection, and run this again'
}
write() {
  if ! answer=$(aliyun "$@" --region "$region" 2>&1); then
    fail SETUP_WRITE_FAILED "aliyun $1 $2: $answer" 'correct what it says, and run this again: what is there already is left alone'
  fi
}
# Without blanks, and without the backslashes that JSON inside JSON has.
flat() { printf '%s' "$1" | tr -d ' \\n\\t\\\\'; }
# Whether the last answer holds every one of these texts.
holds() {
  found=$(flat "$answer")
  for piece in "$@"; do
    case $found in *"$(flat "$piece")"*) ;; *) return 1 ;; esac
  done
}

service_role() { # name, service
  there ram GetRole --RoleName "$1" && return 0
  write resourcemanager CreateServiceLinkedRole --ServiceName "$2"
  changed "made service-linked role $1"
}
log_project() { # name, body
  there sls GetProject --project "$1" && return 0
  if ! answer=$(aliyun sls CreateProject --body "$2" --region "$region" 2>&1); then
    case $answer in
      *AlreadyExist*) fail LOG_PROJECT_TAKEN "another customer has the log project $1" 'name another in s.yaml (vars.logProject), and write this anew' ;;
    esac
    fail SETUP_WRITE_FAILED "aliyun sls CreateProject: $answer" 'correct what it says, and run this again'
  fi
  changed "made log project $1"
}
logstore() { # project, name, body
  there sls GetLogStore --project "$1" --logstore "$2" && return 0
  write sls CreateLogStore --project "$1" --body "$3"
  changed "made logstore $2"
}
log_index() { # project, logstore, body, pieces
  project=$1 store=$2 body=$3
  shift 3
  if there sls GetIndex --project "$project" --logstore "$store"; then
    holds "$@" && return 0
    write sls UpdateIndex --project "$project" --logstore "$store" --body "$body"
    changed "changed the index of logstore $store"
  else
    write sls CreateIndex --project "$project" --logstore "$store" --body "$body"
    changed "made the index of logstore $store"
  fi
}
role() { # name, trust
  if there ram GetRole --RoleName "$1"; then
    holds "$2" && return 0
    write ram UpdateRole --RoleName "$1" --NewAssumeRolePolicyDocument "$2"
    changed "changed who takes on role $1"
  else
    write ram CreateRole --RoleName "$1" --AssumeRolePolicyDocument "$2"
    changed "made role $1"
  fi
}
# The actions and resources of the last answer that a policy document has no more, one a line.
dropped() { # document
  wanted=$(flat "$1")
  flat "$answer" | grep -o '"[a-z][a-z]*:[^"]*"' | sort -u | while read -r piece; do
    case $wanted in *"$piece"*) ;; *) printf '  no longer allows %s\n' "$piece" ;; esac
  done
}
policy() { # name, document
  if there ram GetPolicy --PolicyType Custom --PolicyName "$1"; then
    holds "$2" && return 0
    lost=$(dropped "$2")
    write ram CreatePolicyVersion --PolicyName "$1" --PolicyDocument "$2" --SetAsDefault true \\
      --RotateStrategy DeleteOldestNonDefaultVersionWhenLimitExceeded
    changed "made a new version of policy $1"
    [ -z "$lost" ] || printf '%s\n' "$lost"
  else
    write ram CreatePolicy --PolicyName "$1" --PolicyDocument "$2"
    changed "made policy $1"
  fi
}
attach() { # policy, role
  if there ram ListPoliciesForRole --RoleName "$2"; then
    holds "\\"PolicyName\\":\\"$1\\"" && return 0
  fi
  write ram AttachPolicyToRole --PolicyType Custom --PolicyName "$1" --RoleName "$2"
  changed "attached policy $1 to role $2"
}
bucket() { # name
  there ossutil api get-bucket-info --bucket "$1" && return 0
  write ossutil api put-bucket --bucket "$1"
  changed "made bucket $1"
}
lifecycle() { # bucket, id, configuration
  if there ossutil api get-bucket-lifecycle --bucket "$1"; then
    holds "$2" && return 0
    # A configuration replaces all rules of a bucket, and these are not ours.
    todo "bucket $1 has lifecycle rules of its own, and not $2" "add this to them: $3"
  else
    write ossutil api put-bucket-lifecycle --bucket "$1" --lifecycle-configuration "$3"
    changed "made lifecycle rule $2 of bucket $1"
  fi
}
inventory() { # bucket, configuration, pieces
  source=$1 configuration=$2
  shift 2
  if there ossutil api get-bucket-inventory --bucket "$source" --inventory-id holdfast; then
    holds "$@" && return 0
    write ossutil api delete-bucket-inventory --bucket "$source" --inventory-id holdfast
  fi
  write ossutil api put-bucket-inventory --bucket "$source" --inventory-id holdfast --inventory-configuration "$configuration"
  changed "made the inventory of bucket $source"
}
has_versioning() {
  there ossutil api get-bucket-versioning --bucket "$1" || fail NO_SUCH_BUCKET "there is no bucket $1" "make it: aliyun ossutil mb oss://$1"
  holds Enabled
}
need_versioning() {
  has_versioning "$1" || todo "versioning of bucket $1 is off, and retention needs it" "holdfast setup --enable-versioning $1 (it can never be turned off again)"
}
enable_versioning() {
  has_versioning "$1" && return 0
  write ossutil api put-bucket-versioning --bucket "$1" --versioning-configuration '{"Status":"Enabled"}'
  changed "turned versioning of bucket $1 on, for good"
}
has_object_worm() {
  there ossutil api get-bucket-object-worm-configuration --bucket "$1" || return 1
  holds Enabled
}
need_object_worm() {
  has_object_worm "$1" || todo "ObjectWorm of bucket $1 is off, and retention needs it" "holdfast setup --enable-object-worm $1 (by invitation; it can never be turned off again)"
}
enable_object_worm() {
  has_object_worm "$1" && return 0
  write ossutil api put-bucket-object-worm-configuration --bucket "$1" --object-worm-configuration '{"ObjectWormEnabled":"Enabled"}'
  changed "turned ObjectWorm of bucket $1 on, for good"
}
alarm() { # project, name, body, pieces
  project=$1 name=$2 body=$3
  shift 3
  if there sls GetAlert --project "$project" --alertName "$name"; then
    holds "$@" && return 0
    write sls UpdateAlert --project "$project" --alertName "$name" --body "$body"
    changed "changed alarm $name"
  else
    write sls CreateAlert --project "$project" --body "$body"
    changed "made alarm $name"
  fi
}

account=\${ALIBABA_CLOUD_ACCOUNT_ID:-}
if [ -z "$account" ]; then
  there sts GetCallerIdentity || :
  account=$(flat "$answer" | sed -n 's/.*"AccountId":"\\([0-9]*\\)".*/\\1/p')
fi
case $account in
  '' | *[!0-9]*) fail SETUP_NO_ACCOUNT 'the account is not known' 'set ALIBABA_CLOUD_ACCOUNT_ID' ;;
esac`;
