import { accountMark } from './account-id.ts';
import { type Alarm, type AlarmPlace, alertRule, indexedKeys } from './alarms.ts';
import {
  type Infrastructure,
  type InventoryToMake,
  inventoryFields,
  inventoryPrefix,
} from './infrastructure.ts';
import { logIndex } from './log-index.ts';
import { beginningOf, word } from './shell-functions.ts';

const call = (name: string, ...words: readonly string[]): string => [name, ...words.map(word)].join(' ');

/**
 * Writes the script that makes everything with Alibaba's command line. It looks before it writes, so that running it again
 * changes nothing but what has become different.
 */
export function setupScript(made: Infrastructure, actionPolicy: string): string {
  const { project, logstore } = made.log;
  const place: AlarmPlace = { project, logstore, region: made.region, actionPolicy };
  return [
    beginningOf(made.region),
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
