import { Argument, type Command, Option } from 'commander';
import type { RecordFilter } from '../shared/audit/filter.ts';
import type { AuditFinding } from '../shared/audit/findings.ts';
import { searchAudit } from '../shared/audit/search.ts';
import { inTimeOrder } from '../shared/audit/time-order.ts';
import { verifyAudit } from '../shared/audit/verify.ts';
import { type CloudName, formatAddress } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { day } from '../shared/platform/instant.ts';
import { quantity } from '../shared/platform/quantity.ts';
import { visible } from '../shared/platform/visible.ts';
import type { ObjectPrefix, Rules } from '../shared/rules/types.ts';
import { recordLine } from './audit/line.ts';
import { readAddress } from './options/address.ts';
import {
  addRulesOptions,
  type Cloud,
  connect,
  type RulesOptions,
  readRules,
} from './options/cloud-options.ts';
import { readSince } from './options/since.ts';
import { usage } from './options/usage.ts';
import { logOutcome } from './terminal/outcome-line.ts';
import { color, note, print, printJson, prose, show } from './terminal/output.ts';
import { progressLine } from './terminal/progress.ts';
import { isReaderGone } from './terminal/reader.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly folder?: string;
  readonly since?: string;
  readonly action?: readonly string[];
  readonly changesOnly?: boolean;
  readonly log?: boolean;
}

export function configure(command: Command): void {
  addRulesOptions(
    command
      .addArgument(
        new Argument('[what]', 'what to do').choices(['verify', 'list']).default('verify', 'verify'),
      )
      .argument(
        '[url]',
        'verify: the folder, unless the rules say it; list: only records about what begins so',
      )
      .option(
        '--folder <url>',
        'where the evidence is: oss://bucket/prefix/, or obs://… (default: `audit` of the rules)',
      )
      .option('--since <time>', 'from that day on: ISO 8601 (UTC), or how long ago, such as 30d')
      .option('--action <name...>', 'list: only records of these actions, such as lock, protect or failed')
      .option('--changes-only', 'list: only records of writes that changed something')
      .addOption(new Option('--log', 'verify: print one log line, for the alarms').conflicts('json')),
  )
    .addHelpText('after', help)
    .action(audit);
}

const help = `
verify reads every file of evidence and says which are missing, changed, out of order, or not under retention; exit
code 1 if any is. list prints the records that the files hold, in the order of time, and believes them: verify first.
With --folder no rules are read: then every file that another one names must still be there.`;

async function audit(what: string, url: string | undefined, options: Options): Promise<void> {
  const verifying = what === 'verify';
  const named = options.folder ?? (verifying ? url : undefined);
  const rules = named === undefined ? await readRules(options) : undefined;
  const place = named === undefined ? rules?.audit : readFolder(options.cloud, named);
  if (place === undefined) {
    throw usage(
      `${options.rules} names no place for evidence: set audit: ${options.cloud}://bucket/prefix/, or give --folder`,
    );
  }
  if (verifying && (options.action !== undefined || options.changesOnly === true)) {
    throw usage(
      '--action and --changes-only pick what list prints; verify reads all: say holdfast audit list',
    );
  }
  const filter = {
    ...(verifying || url === undefined ? {} : readTarget(options.cloud, url)),
    ...(options.action === undefined ? {} : { actions: options.action }),
    ...(options.changesOnly === true ? { changesOnly: true } : {}),
  };
  const cloud = await connect(options);
  const sinceFor = (now: Date) =>
    options.since === undefined ? undefined : startOfDay(readSince(options.since, now));
  sinceFor(cloud.clock.now()); // wrong usage shows before anything is sent
  // Deadlines and days are the service's, and the clock follows it from the first reply on.
  await cloud.storage.headObject({ bucket: place.bucket, key: place.prefix });
  const since = sinceFor(cloud.clock.now());
  if (verifying) await verify(cloud, place, rules, since, options);
  else await list(cloud, place, filter, since, options);
}

const startOfDay = (instant: Date): Date => new Date(Math.floor(instant.getTime() / day) * day);

async function verify(
  { storage, clock }: Cloud,
  place: ObjectPrefix,
  rules: Rules | undefined,
  since: Date | undefined,
  options: Options,
): Promise<void> {
  const findings: AuditFinding[] = [];
  const line = progressLine(systemClock);
  const onFinding = (finding: AuditFinding) => {
    findings.push(finding);
    const { fault, file, reason } = finding;
    if (options.json === true || options.log === true) return;
    line.end();
    print(prose(`${color.red(fault)} ${visible(file)}\n  ${reason}`));
  };
  const onProgress = ({ files, records }: { readonly files: number; readonly records: number }) =>
    line.show({
      versions: files,
      things: 'file',
      words: `${quantity(records, 'record')}, ${findings.length} found wrong`,
      done: undefined,
    });
  const asked = { storage, place, now: clock.now(), rules, since, onFinding, onProgress };
  const result = await verifyAudit(asked).finally(() => line.end());
  const { files, records, unnamed, lastAnchor } = result;
  if (options.log === true) {
    logOutcome('audit', { failures: findings.length, files, records }, clock);
    process.exitCode = findings.length === 0 ? 0 : 1;
    return;
  }
  const verdict = findings.length === 0 ? color.green('ok') : color.red(`${findings.length} found`);
  const lines = [
    `${verdict}: ${quantity(files, 'file')} with ${quantity(records, 'record')} in ${formatAddress(storage.cloud, { bucket: place.bucket, key: place.prefix })}`,
    `last anchor: ${lastAnchor ?? 'none'}`,
    `ends of chains that no file names yet: ${unnamed}`,
  ];
  show(
    { text: lines.join('\n'), json: { ...result, findings }, exitCode: findings.length === 0 ? 0 : 1 },
    options,
  );
}

/** One record a line, as they come: there may be millions. */
async function list(
  { storage, clock }: Cloud,
  place: ObjectPrefix,
  filter: RecordFilter,
  since: Date | undefined,
  { json }: Options,
): Promise<void> {
  let count = 0;
  for await (const found of inTimeOrder(searchAudit(storage, place, filter, since, clock.now()))) {
    const { record, by, requestId, file } = found;
    count += 1;
    if (json === true)
      printJson(JSON.stringify({ format: 'holdfast.audit.record/1', ...record, by, requestId, file }));
    else print(prose(recordLine(storage.cloud, record, by)));
    if (isReaderGone()) return;
  }
  if (count === 0 && json !== true)
    note(`no such record in ${formatAddress(storage.cloud, { bucket: place.bucket, key: place.prefix })}`);
}

function readFolder(cloud: CloudName, url: string): ObjectPrefix {
  const { bucket, key: prefix } = readAddress(cloud, url, 'bucket/prefix/');
  if (!prefix.endsWith('/')) throw usage(`"${url}" is not ${cloud}://bucket/prefix/`);
  return { bucket, prefix };
}

function readTarget(cloud: CloudName, url: string): { bucket: string; key?: string } {
  const { bucket, key } = readAddress(cloud, url, 'bucket or bucket/key');
  return { bucket, ...(key === '' ? {} : { key }) };
}
