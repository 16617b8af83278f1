import { type Command, Option } from 'commander';
import { schemeOf } from '../shared/platform/address.ts';
import { type ObjectAt, versionId } from '../shared/storage/port.ts';
import { explainBucket } from './explain/bucket.ts';
import { explainObject } from './explain/object.ts';
import { readAddress } from './options/address.ts';
import { addRulesOptions, type RulesOptions, readRules } from './options/cloud-options.ts';
import { readCount } from './options/read-count.ts';
import { readInstant } from './options/read-instant.ts';
import { readVersionId } from './options/read-version-id.ts';
import { readTagPairs } from './options/tag-pairs.ts';
import { usage } from './options/usage.ts';
import { type Report, show } from './terminal/output.ts';
import { describedObject, liveObject } from './world/observe-object.ts';
import { type DescribedPolicy, isDescribed } from './world/observe-policy.ts';

interface Options extends RulesOptions, DescribedPolicy {
  readonly json?: boolean;
  readonly tag?: readonly string[];
  readonly modified?: string;
  readonly retained?: string;
  readonly versionId?: string;
}

export function configure(command: Command): void {
  addRulesOptions(
    command
      .argument('[url]', 'oss://bucket/key, or oss://bucket; or obs://…')
      .option('--tag <k=v...>', 'tags of the object, instead of asking the cloud')
      .option('--modified <time>', 'its Last-Modified (ISO 8601, UTC unless it says otherwise; default: now)')
      .option('--retained <time>', 'the end of the retention that it has already (default: none)')
      .option('--version-id <id>', 'the version to look at (default: the current one)', readVersionId)
      .addOption(
        new Option(
          '--policy-state <state>',
          "state of the bucket's policy, instead of asking the cloud",
        ).choices(['none', 'InProgress', 'Locked', 'Expired']),
      )
      .option('--days <n>', 'its days', readCount)
      .option('--created <time>', 'when it was initiated (default: now)')
      .option('--at <time>', 'the instant by which it is judged (default: now)'),
  )
    .addHelpText(
      'after',
      '\nWith --tag, --modified or --retained an object is described, with --policy-state, --days or --created a policy:\n' +
        'then nothing is asked of the cloud. Nothing is ever changed.\n\nExamples:\n' +
        '  holdfast explain oss://fin-eu/ledger/a.csv --tag class=finance --modified 2026-11-20\n' +
        '  holdfast explain oss://archive-1 --days 365 --created 2026-11-20T10:00:00Z --at 2026-11-21T05:00:00Z',
    )
    .action(async (url: string | undefined, options: Options) => {
      const tags = options.tag?.filter((text) => !isUrl(text));
      const address = url ?? options.tag?.find(isUrl);
      if (address === undefined) throw usage('it takes an address: oss://bucket/key, or oss://bucket');
      const settled = { ...options, ...(tags === undefined ? {} : { tag: tags }) };
      await show(await explain(address, settled), options);
    });
}

/** `--tag` takes several values, so an address that follows it is among them. */
const isUrl = (text: string): boolean => schemeOf(text) !== undefined;

async function explain(url: string, options: Options): Promise<Report> {
  const { bucket, key } = readAddress(options.cloud, url, 'bucket/key');
  if (key !== '') return await explainKey({ bucket, key }, options);
  if (isObjectDescribed(options) || options.versionId !== undefined) throw usage(`"${url}" names no object`);
  if (options.at !== undefined && !isDescribed(options)) throw usage(atAlone);
  return await explainBucket(await readRules(options), bucket, options);
}

const isObjectDescribed = ({ tag, modified, retained }: Options): boolean =>
  [tag, modified, retained].some((given) => given !== undefined);

const atAlone = '--at judges what is described: give --tag, --modified or --retained with it, or --days';

async function explainKey(object: ObjectAt, options: Options): Promise<Report> {
  const described = isObjectDescribed(options);
  if (isDescribed(options)) {
    throw usage('--policy-state, --days and --created describe the policy of a bucket, not an object');
  }
  if (described && options.versionId !== undefined) {
    throw usage('--version-id asks the cloud, --tag and --modified describe an object: give one kind only');
  }
  if (!described && options.at !== undefined) throw usage(atAlone);
  const words = {
    tags: readTagPairs(options.tag ?? []),
    modified: readOptional('--modified', options.modified),
    retained: readOptional('--retained', options.retained),
    at: readOptional('--at', options.at),
  };
  const rules = await readRules(options);
  if (described) return explainObject(rules, describedObject(object, words));
  const version = options.versionId === undefined ? undefined : versionId(options.versionId);
  const seen = await liveObject(object, version, options, rules);
  return explainObject(seen.ruled ?? rules, seen);
}

const readOptional = (option: string, text: string | undefined): Date | undefined =>
  text === undefined ? undefined : readInstant(option, text);
