import { accountMark } from './account-id.ts';
import { type AlarmPlace, alertRule, indexedKeys } from './alarms.ts';
import type { Infrastructure } from './infrastructure.ts';

/**
 * Writes one template of Resource Orchestration Service for what it has resource types for: the log, the roles, the buckets and
 * the alarms. The service-linked role, inventories, versioning and ObjectWorm have none for buckets that are there already; the
 * script makes them, and leaves alone what the stack has made.
 * Source: Resource Orchestration Service, resource types of RAM, SLS and OSS (2026).
 */
export function rosTemplate(made: Infrastructure, actionPolicy: string): string {
  const { project, logstore } = made.log;
  const place: AlarmPlace = { project, logstore, region: made.region, actionPolicy };
  const resources: [string, unknown][] = [
    ['LogProject', resource('SLS::Project', { Name: project, Description: 'Holdfast' })],
    [
      'Logstore',
      resource('SLS::Logstore', { ProjectName: project, LogstoreName: logstore, TTL: 180, ShardCount: 2 }, [
        'LogProject',
      ]),
    ],
    ['LogIndex', resource('SLS::Index', indexOf(project, logstore), ['Logstore'])],
    ...made.roles.flatMap(({ name, trust, policy }): [string, unknown][] => [
      [
        `Role${idOf(name)}`,
        resource('RAM::Role', { RoleName: name, AssumeRolePolicyDocument: JSON.parse(trust) }),
      ],
      [
        `Policy${idOf(name)}`,
        resource(
          'RAM::ManagedPolicy',
          { PolicyName: name, PolicyDocument: JSON.parse(policy), Roles: [name] },
          [`Role${idOf(name)}`],
        ),
      ],
    ]),
    [
      'PolicyDeployer',
      resource('RAM::ManagedPolicy', {
        PolicyName: 'holdfast-deployer',
        PolicyDocument: JSON.parse(made.deployer),
      }),
    ],
    ...made.buckets.map(({ name, expire: { id, prefix, days } }): [string, unknown] => [
      `Bucket${idOf(name)}`,
      resource('OSS::Bucket', {
        BucketName: name,
        LifecycleConfiguration: {
          Rule: [{ ID: id, Prefix: prefix, Status: 'Enabled', Expiration: { Days: days } }],
        },
      }),
    ]),
    ...made.alarms.map((alarm): [string, unknown] => {
      const detail = capitalized(alertRule(alarm, place));
      const rule = resource('SLS::Alert', { Project: project, Detail: detail }, ['LogIndex']);
      return [`Alarm${idOf(alarm.name)}`, rule];
    }),
  ];
  const template = {
    ROSTemplateFormatVersion: '2015-09-01',
    Description:
      'What Holdfast needs around its functions. Run the script of `holdfast setup` afterwards for the service-linked role, ' +
      'inventories, versioning and ObjectWorm.',
    Resources: Object.fromEntries(resources),
  };
  return `${JSON.stringify(withAccount(template), null, 2)}\n`;
}

/** Kept when the stack goes: a log, a role or a letter that is gone is missed by what runs still. */
const resource = (type: string, properties: object, after?: readonly string[]) => ({
  Type: `ALIYUN::${type}`,
  DeletionPolicy: 'Retain',
  ...(after && { DependsOn: after }),
  Properties: properties,
});

/** A logical id has letters and digits only; names that differ give ids that differ. */
const idOf = (name: string): string =>
  name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('0');

const indexOf = (project: string, logstore: string) => ({
  ProjectName: project,
  LogstoreName: logstore,
  FullTextIndex: { Enable: true, CaseSensitive: false, IncludeChinese: true },
  KeyIndices: [
    ...indexedKeys.ofService.map((key) => keyIndex(key, 'text')),
    {
      ...keyIndex('message', 'json'),
      JsonKeyIndices: [
        ...indexedKeys.ofLines.text.map((key) => keyIndex(key, 'text')),
        ...indexedKeys.ofLines.whole.map((key) => keyIndex(key, 'long')),
        ...indexedKeys.ofLines.decimal.map((key) => keyIndex(key, 'double')),
      ],
    },
  ],
});

const keyIndex = (name: string, type: string) => ({ Name: name, Type: type, EnableAnalytics: true });

/** The names of the API with a capital, as the resource type has them. */
function capitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      capitalized(item),
    ]),
  );
}

/** The account is a pseudo parameter of a template. */
function withAccount(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.includes(accountMark)
      ? { 'Fn::Sub': value.replaceAll(accountMark, `\${ALIYUN::TenantId}`) }
      : value;
  }
  if (Array.isArray(value)) return value.map(withAccount);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withAccount(item)]));
}
