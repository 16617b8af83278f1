import { type Command, Option } from 'commander';
import { inventorySource } from '../shared/backfill/inventory/source.ts';
import { createPace } from '../shared/backfill/pace/pace.ts';
import { listingSource, type Shard } from '../shared/backfill/source.ts';
import type { RulesPair } from '../shared/diff/change.ts';
import { readPrices } from '../shared/diff/prices.ts';
import { reportedVersions } from '../shared/diff/reported-versions.ts';
import { diffRules, type RulesDiff } from '../shared/diff/run.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { keepHeapSmall } from '../shared/platform/memory.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import { objectRulesOfBucket } from '../shared/rules/match.ts';
import type { ObjectPrefix } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import { type DiffAbout, diffJson, diffMarkdown, diffText } from './diff/text.ts';
import { readObjectAddress } from './options/address.ts';
import {
  addRulesOptions,
  type Cloud,
  connect,
  type RulesOptions,
  readRules,
} from './options/cloud-options.ts';
import { readCount } from './options/read-count.ts';
import { readText } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import { readTarget, type Target } from './protect/options.ts';
import { onInterrupt } from './terminal/interrupt.ts';
import { type ExitCode, show } from './terminal/output.ts';
import { progressLine } from './terminal/progress.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly over?: readonly string[];
  readonly inventory?: string;
  /** False with --no-decode-keys. */
  readonly decodeKeys: boolean;
  readonly report?: string;
  /** False with --no-head. */
  readonly head: boolean;
  readonly prices?: string;
  readonly format?: Format;
  readonly detailedExitcode?: boolean;
  readonly concurrency: number;
  readonly qps?: number;
}

const formats = ['text', 'json', 'markdown'] as const;
type Format = (typeof formats)[number];

export function configure(command: Command): void {
  addRulesOptions(
    command
      .argument(
        '<old>',
        'rules file, or its address (oss://bucket/key, or obs://…); the only one is compared with --rules',
      )
      .argument('[new]', 'rules file, or its address')
      .option(
        '--over <url...>',
        'oss://bucket or oss://bucket/prefix, or obs://… (default: every bucket of the rules)',
      )
      .option(
        '--inventory <url>',
        'take the versions from the inventory of this manifest.json; needs one --over',
      )
      .option('--no-decode-keys', 'the keys in the inventory are not URL-encoded')
      .option('--report <file>', 'take the versions from `holdfast report --format jsonl`; asks nobody')
      .option('--no-head', 'ask about no version: dates by the rules alone')
      .option('--prices <file>', 'what a GB and month costs, to say what storage until then costs')
      .addOption(new Option('--format <format>', 'what to make (default: text)').choices([...formats]))
      .option('--detailed-exitcode', 'exit with 0: no difference, 1: any error, or unclear, 2: a difference')
      .option('--concurrency <n>', 'requests under way at once, at most', readCount, 64)
      .option('--qps <n>', 'requests a second, at most (default: as many as OSS takes)', readCount),
  )
    .addHelpText('after', help)
    .action(diff);
}

const help = `
Says what other rules would mean for what is stored: what becomes retained, until when, and what stays so although no rule
asks. Changes nothing. It reads as \`holdfast protect --dry-run\` does, so its figures are those of two such runs.
docs/diff.md shows a table of prices, and this command as the gate of a merge request.`;

async function diff(first: string, second: string | undefined, options: Options): Promise<void> {
  const format = formatOf(options);
  const [oldFile, newFile] = second === undefined ? [options.rules, first] : [first, second];
  const prices =
    options.prices === undefined ? undefined : readPrices(await readText(options.prices), options.prices);
  const targets = targetsOf(options);
  const pair: RulesPair = {
    before: await readRules({ ...options, rules: oldFile }),
    after: await readRules({ ...options, rules: newFile }),
  };
  const found = await compare(pair, targets, options);
  const about: DiffAbout = {
    cloud: pair.after.cloud,
    before: { source: oldFile, hash: hashRules(pair.before) },
    after: { source: newFile, hash: hashRules(pair.after) },
    versionsFrom: options.report ?? options.inventory ?? 'listing',
    prices,
  };
  const exitCode = exitCodeOf(found, options);
  if (format === 'json') return show({ text: '', json: diffJson(found, about), exitCode }, { json: true });
  const text = format === 'markdown' ? diffMarkdown(found, about) : diffText(found, about);
  show({ text, json: undefined, exitCode }, {});
}

/** @throws USAGE when --json and --format contradict each other */
function formatOf({ json, format }: Options): Format {
  if (json !== true) return format ?? 'text';
  if (format !== undefined && format !== 'json')
    throw usage(`--json and --format ${format} exclude each other`);
  return 'json';
}

/** @throws USAGE */
function targetsOf({ cloud, over, inventory, report }: Options): readonly Target[] | undefined {
  if (report !== undefined && (over !== undefined || inventory !== undefined)) {
    throw usage('--report says which versions there are: it goes with neither --over nor --inventory');
  }
  if (inventory !== undefined && over?.length !== 1) {
    throw usage(
      `--inventory is of one bucket: name it with --over ${cloud}://bucket or ${cloud}://bucket/prefix`,
    );
  }
  if (inventory !== undefined) readObjectAddress(cloud, inventory);
  return over?.map((url) => readTarget(cloud, url));
}

async function compare(
  pair: RulesPair,
  targets: readonly Target[] | undefined,
  options: Options,
): Promise<RulesDiff> {
  onInterrupt(() => process.exit(130)); // nothing is half done
  keepHeapSmall();
  const line = progressLine(systemClock);
  const { concurrency, report } = options;
  const common = {
    pair,
    effort: { concurrency, signal: new AbortController().signal },
    onProgress: (versions: number, done: number | undefined) =>
      line.show({ versions, words: 'compared', done }),
  };
  try {
    if (report !== undefined) {
      const shards = reportedVersions(report);
      return await diffRules({ ...common, storage: undefined, clock: systemClock, shards });
    }
    const pace = createPace({ clock: systemClock, concurrency, qps: options.qps, readsFirst: true });
    const cloud = await connect(options, (each) => pace.around(each));
    const storage = readOnly(cloud.storage, () => undefined);
    const shards = shardsOf({ ...cloud, storage }, pair, targets, options);
    return await diffRules({
      ...common,
      storage: options.head ? storage : undefined,
      clock: cloud.clock,
      shards,
    });
  } finally {
    line.end();
  }
}

/** The versions of the targets, one target after the other. */
async function* shardsOf(
  { storage, clock, region }: Cloud,
  pair: RulesPair,
  targets: readonly Target[] | undefined,
  { inventory: url, decodeKeys: keysEncoded }: Options,
): AsyncIterable<Shard> {
  for (const { bucket, prefix } of targets ?? (await everyBucket(storage, region, pair))) {
    const source =
      url === undefined
        ? listingSource(storage, bucket, prefix)
        : await inventorySource(storage, { url, bucket, prefix, keysEncoded, clock });
    for await (const shard of source.shards())
      yield targets?.length === 1 ? shard : { ...shard, done: undefined };
  }
}

/** The buckets of this region that an object rule of either file is for. */
async function everyBucket(storage: Cloud['storage'], region: string, { before, after }: RulesPair) {
  const found: ObjectPrefix[] = [];
  for await (const { name, region: there } of storage.listBuckets()) {
    const isMeant = [before, after].some((rules) => objectRulesOfBucket(rules, name).length > 0);
    if (isMeant && there === region) found.push({ bucket: name, prefix: '' });
  }
  return found;
}

function exitCodeOf({ rows }: RulesDiff, { detailedExitcode }: Options): ExitCode {
  if (detailedExitcode !== true) return 0;
  if (rows.some(({ kind }) => kind === 'fails' || kind === 'unknown')) return 1;
  return rows.length > 0 ? 2 : 0;
}
