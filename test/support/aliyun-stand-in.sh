#!/bin/sh
# Stands in for Alibaba's command line: it adds each call to $ALIYUN_STATE/calls (words end with a tab, calls with a line end),
# keeps each thing that was made as a file $ALIYUN_STATE/KIND/NAME, and answers and refuses as the services document it. An
# operation that it does not know fails, and so does one that $ALIYUN_STATE/faults names in a line `OPERATION CODE`.
set -eu
cd "$ALIYUN_STATE"
{ printf '%s\t' "$@"; printf '\n'; } >>calls

refuse() {
  printf 'ERROR: SDK.ServerError\nErrorCode: %s\n' "$1" >&2
  exit 1
}
operation="$1 $2"
shift 2
[ "$operation" != 'ossutil api' ] || { operation=$1; shift; }
name='' project='' store='' bucket='' body='' text='' role='' rotate=''
while [ $# -gt 0 ]; do
  case $1 in
    --RoleName) role=$2 ;;
    --PolicyName | --alertName) name=$2 ;;
    --project) project=$2 ;;
    --logstore) store=$2 ;;
    --bucket) bucket=$2 ;;
    --body) body=$2 ;;
    --RotateStrategy) rotate=$2 ;;
    --AssumeRolePolicyDocument | --NewAssumeRolePolicyDocument | --PolicyDocument | --ServiceName | --*-configuration) text=$2 ;;
    --region | --PolicyType | --SetAsDefault | --inventory-id) ;;
    *) refuse "InvalidParameter $1" ;;
  esac
  shift 2
done
fault=$(sed -n "s/^$operation \\([A-Za-z.]*\\)\$/\\1/p" faults 2>/dev/null || :)
[ -z "$fault" ] || refuse "$fault"

field() { printf '%s' "$body" | sed -n "s/^{\"$1\":\"\\([^\"]*\\)\".*/\\1/p"; }
escaped() { sed 's/\\/\\\\/g; s/"/\\"/g' "$1"; }
find() { [ -f "$1" ] || refuse "$2"; }      # file, code
make() {                                    # file, text, code
  [ ! -f "$1" ] || refuse "$3"
  put "$1" "$2"
}
put() {
  mkdir -p "${1%/*}"
  printf '%s' "$2" >"$1"
}
newest() { ls policies | grep -c "^$name\\.v" || :; }

case $operation in
  'sts GetCallerIdentity') printf '{\n\t"AccountId": "1234567890123456"\n}' ;;
  'ram GetRole')
    find "roles/$role" EntityNotExist.Role
    printf '{\n\t"Role": { "AssumeRolePolicyDocument": "%s" }\n}' "$(escaped "roles/$role")"
    ;;
  'ram CreateRole') make "roles/$role" "$text" EntityAlreadyExists.Role ;;
  'ram UpdateRole')
    find "roles/$role" EntityNotExist.Role
    put "roles/$role" "$text"
    ;;
  'ram GetPolicy')
    find "policies/$name.v1" EntityNotExist.Policy
    printf '{\n\t"DefaultPolicyVersion": { "PolicyDocument": "%s" }\n}' "$(escaped "policies/$name.v$(newest)")"
    ;;
  'ram CreatePolicy') make "policies/$name.v1" "$text" EntityAlreadyExists.Policy ;;
  'ram CreatePolicyVersion')
    find "policies/$name.v1" EntityNotExist.Policy
    [ "$(newest)" -lt 5 ] || [ -n "$rotate" ] || refuse LimitExceeded.Policy.Version
    put "policies/$name.v$(($(newest) + 1))" "$text"
    ;;
  'ram ListPoliciesForRole')
    find "roles/$role" EntityNotExist.Role
    printf '{ "Policies": { "Policy": ['
    for each in "attached/$role" "attached/$role".*; do
      [ ! -f "$each" ] || printf ' { "PolicyName": "%s", "PolicyType": "Custom" }' "$(cat "$each")"
    done
    printf '] } }'
    ;;
  'ram AttachPolicyToRole')
    find "policies/$name.v1" EntityNotExist.Policy
    make "attached/$role" "$name" EntityAlreadyExists.Role.Policy
    ;;
  'resourcemanager CreateServiceLinkedRole') make roles/AliyunServiceRoleForFC "$text" EntityAlreadyExists.Role ;;
  'sls GetProject') find "projects/$project" ProjectNotExist ;;
  'sls CreateProject') make "projects/$(field projectName)" "$body" ProjectAlreadyExist ;;
  'sls GetLogStore') find "logstores/$project.$store" LogStoreNotExist ;;
  'sls CreateLogStore')
    find "projects/$project" ProjectNotExist
    make "logstores/$project.$(field logstoreName)" "$body" LogStoreAlreadyExist
    ;;
  'sls GetIndex')
    find "indexes/$project.$store" IndexConfigNotExist
    cat "indexes/$project.$store"
    ;;
  'sls CreateIndex') make "indexes/$project.$store" "$body" IndexAlreadyExist ;;
  'sls UpdateIndex') put "indexes/$project.$store" "$body" ;;
  'sls GetAlert')
    find "alerts/$name" JobNotExist
    cat "alerts/$name"
    ;;
  'sls CreateAlert') make "alerts/$(field name)" "$body" JobAlreadyExist ;;
  'sls UpdateAlert') put "alerts/$name" "$body" ;;
  get-bucket-info) find "buckets/$bucket" NoSuchBucket ;;
  put-bucket) make "buckets/$bucket" '' BucketAlreadyExists ;;
  get-bucket-lifecycle)
    find "lifecycles/$bucket" NoSuchLifecycle
    cat "lifecycles/$bucket"
    ;;
  put-bucket-lifecycle)
    find "buckets/$bucket" NoSuchBucket
    put "lifecycles/$bucket" "$text"
    ;;
  get-bucket-inventory)
    find "inventories/$bucket" NoSuchInventory
    cat "inventories/$bucket"
    ;;
  put-bucket-inventory) make "inventories/$bucket" "$text" InventoryAlreadyExist ;;
  delete-bucket-inventory) rm "inventories/$bucket" ;;
  get-bucket-versioning)
    find "buckets/$bucket" NoSuchBucket
    [ ! -f "versioning/$bucket" ] || cat "versioning/$bucket"
    ;;
  put-bucket-versioning) put "versioning/$bucket" "$text" ;;
  get-bucket-object-worm-configuration)
    find "worms/$bucket" NoSuchObjectWormConfiguration
    cat "worms/$bucket"
    ;;
  put-bucket-object-worm-configuration)
    find "versioning/$bucket" InvalidBucketState
    put "worms/$bucket" "$text"
    ;;
  *) refuse "NotImplemented $operation" ;;
esac
