import { rm } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { version } from '../package.json';
import { inventorySource } from '../shared/backfill/inventory/source.ts';
import { createPace, type Pace } from '../shared/backfill/pace/pace.ts';
import { listingSource } from '../shared/backfill/source.ts';
import { stateFile } from '../shared/backfill/state-file.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { keepHeapSmall } from '../shared/platform/memory.ts';
import { quantity } from '../shared/platform/quantity.ts';
import { sum } from '../shared/report/counts.ts';
import { readFailuresAndRepairs } from '../shared/report/failures-and-repairs.ts';
import { makePosture, type Posture } from '../shared/report/posture.ts';
import { type PostureState, postureFormat, readPosture, urlOf } from '../shared/report/run.ts';
import { storePosture } from '../shared/report/store.ts';
import { findDefaults, findTargets, type Scope } from '../shared/report/targets.ts';
import { asUnreadableBucket } from '../shared/report/unreadable-bucket.ts';
import { readVersions } from '../shared/report/versions-file.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import type { ObjectPrefix, Rules } from '../shared/rules/types.ts';
import { scheduleOf } from '../shared/schedule/schedule.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import { checkReplaceable } from './files/replace-file.ts';
import { addRulesOptions, readRules } from './options/cloud-options.ts';
import { accountOption } from './options/function-options.ts';
import { addPassOptions } from './options/pass-options.ts';
import { usage } from './options/usage.ts';
import { formatOf, type ReportOptions, readTargets, reportFormats, reportPlaces } from './report/options.ts';
import { writeReport } from './report/output.ts';
import { isStop, stopOnInterrupt } from './terminal/interrupt.ts';
import { type ExitCode, note, remark, toJson } from './terminal/output.ts';
import { progressLine } from './terminal/progress.ts';
import { addAllRegionsOption, connectRegions, regionsJson, type ServedCloud } from './world/all-regions.ts';
import { rulesWithMatters } from './world/matter-rules.ts';

export function configure(command: Command): void {
  const described = command
    .argument(
      '[urls...]',
      'oss://bucket or oss://bucket/prefix, or obs://… (default: every bucket that the rules match)',
    )
    .addOption(new Option('--format <format>', 'what to make (default: text)').choices([...reportFormats]))
    .option('--output <file>', 'write the report to a file; - is standard output, as without it')
    .option('--store', 'keep the report as JSON in reports/ beside the dead letters too')
    .addOption(accountOption('account of the buckets, told in the report where the service does not say it'))
    .option('--no-head', 'ask about no version: dates by the rules alone, marked as expected');
  addRulesOptions(addPassOptions(addAllRegionsOption(described)))
    .addHelpText('after', help)
    .action(report);
}

const help = `
Changes nothing in the cloud. Exit code 0: nothing that a rule covers was found unprotected; 1: something is, or something could not
be read. With --no-head only the rules are asked, so 0 proves nothing about what is stored.
Stopped at any moment (Ctrl-C, kill, power), the same command goes on where it was.`;

async function report(urls: readonly string[], options: ReportOptions): Promise<void> {
  const format = formatOf(options);
  const named = readTargets(urls, options);
  if (options.output !== undefined) await checkReplaceable(options.output);
  const rules = await readRules(options);
  const folder = options.store === true ? storeOf(rules) : undefined;
  const { signal } = stopOnInterrupt();
  keepHeapSmall();
  const pace = createPace({
    clock: systemClock,
    concurrency: options.concurrency,
    qps: options.qps,
    readsFirst: true,
  });
  const cloud = await connectRegions(options, rules, (each) => pace.around(each));
  const storage = readOnly(cloud.storage, () => undefined);
  const scope = await findTargets({ ...cloud, storage, rules }, named);
  const defaults = options.head ? await findDefaults({ storage, rules }, scope.targets) : [];
  // Only a look tells what a legal hold keeps.
  const { rules: ruled, unknown } = options.head
    ? await rulesWithMatters(storage, rules)
    : { rules, unknown: [] };
  const run = { cloud: { ...cloud, storage }, rules: ruled, scope, pace, signal };
  const files = filesOf(named, rules, options, unknown.length > 0);
  try {
    const state = await read(run, files, options);
    const regions = cloud.regions?.();
    const posture = makePosture({
      regions: regions && regionsJson(regions),
      defaults,
      matters: unknown.map((error) => asUnreadableBucket(rules.audit?.bucket ?? '', error)),
      state,
      scope,
      upkeep: await readFailuresAndRepairs(storage, rules),
      cloud: rules.cloud,
      region: cloud.region,
      account: options.account,
      madeBy: { holdfast: version, ...cloud.caller() },
      source: options.inventory ?? 'listing',
      read: options.head,
      rules: { source: options.rules, hash: hashRules(rules), schedule: scheduleOf(rules) },
    });
    if (folder !== undefined) {
      const url = await storePosture(cloud.storage, folder, posture.at, `${toJson(posture)}\n`);
      note(`kept in ${url}`);
    }
    await writeReport(format, posture, () => readVersions(files.versions), options.output);
    await rm(files.versions, { force: true });
    await files.checkpoint.remove();
    process.exitCode = exitCodeOf(posture);
  } catch (error) {
    if (!isStop(signal, error)) throw error;
    note(`interrupted: progress is kept in ${files.checkpoint.file}; the same command goes on there`);
    process.exitCode = 130;
  }
}

/** @throws USAGE when the rules name no place for it */
function storeOf({ cloud, deadLetters }: Rules): ObjectPrefix {
  if (deadLetters === undefined)
    throw usage(`--store needs \`deadLetters: ${cloud}://bucket/prefix/\` in the rules`);
  return deadLetters;
}

interface Run {
  readonly cloud: ServedCloud;
  readonly rules: Rules;
  readonly scope: Scope;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** Tells what the run is about, and where it keeps what it has found. */
function filesOf(
  named: readonly ObjectPrefix[] | undefined,
  rules: Rules,
  options: ReportOptions,
  areMattersUnknown: boolean,
) {
  const about = {
    targets:
      named === undefined
        ? 'every bucket of the rules'
        : named.map((folder) => urlOf(rules.cloud, folder)).join(', '),
    source: options.inventory ?? 'listing',
    'what is stored': options.head ? 'read' : 'not read',
    'decoded keys': String(options.decodeKeys),
    endpoint: options.endpoint ?? `of ${options.region}`,
    ...(options.allRegions === true && { regions: 'all' }),
  };
  const { checkpoint, versions } = reportPlaces(about, options);
  return {
    checkpoint: stateFile(checkpoint, postureFormat),
    versions,
    // What was read while they were unknown is no part of a report that knows them.
    run: {
      ...about,
      rules: hashRules(rules),
      ...(areMattersUnknown && { 'open matters': 'not all known' }),
    } satisfies PostureState['run'],
  };
}

async function read(
  { cloud, rules, scope, pace, signal }: Run,
  { checkpoint, versions, run }: ReturnType<typeof filesOf>,
  options: ReportOptions,
): Promise<PostureState> {
  const { storage, clock } = cloud;
  if (options.restart === true) await checkpoint.remove();
  const line = progressLine(systemClock);
  try {
    return await readPosture({
      deps: { storage, rules, clock, concurrency: options.concurrency, signal },
      targets: scope.targets,
      failsAlone: cloud.failsAlone,
      read: options.head,
      async source({ bucket, prefix }) {
        const { inventory: url, decodeKeys: keysEncoded } = options;
        if (url === undefined) return listingSource(storage, bucket, prefix);
        return await inventorySource(storage, { url, bucket, prefix, keysEncoded, clock });
      },
      checkpoint,
      versionsFile: versions,
      run,
      requests: pace.requests,
      onResume: ({ totals }) => remark(`going on after ${quantity(sum(totals.cells).versions, 'version')}`),
      onProgress: ({ totals, done: finished }, done) =>
        line.show({
          versions: sum(totals.cells).versions,
          words: `${finished.length} of ${scope.targets.length} buckets done`,
          done: scope.targets.length === 1 ? done : undefined,
        }),
    });
  } finally {
    line.end();
  }
}

const exitCodeOf = ({ verdict }: Posture): ExitCode =>
  verdict === 'not-protected' || verdict === 'incomplete' ? 1 : 0;
