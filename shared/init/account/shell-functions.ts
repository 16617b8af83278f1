import { accountMark } from './account-id.ts';

/** Returns a text as one word of a shell command, whatever it holds; the account is filled in when the script runs. */
export const word = (text: string): string =>
  `'${text.replaceAll("'", `'\\''`).replaceAll(accountMark, `'"$account"'`)}'`;

/** Returns the beginning of the script: its shell functions, each of which looks before it writes, and the account. */
export const beginningOf = (region: string): string => `#!/bin/sh
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
