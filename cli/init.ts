import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Answers } from '../shared/init/answers.ts';
import { setupIn } from '../shared/init/clouds.ts';
import type { Files, Shipped } from '../shared/init/files.ts';
import { readAnswers, type Texts } from '../shared/init/read-answers.ts';
import { type CloudName, cloudNames } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { bundleFiles } from './bundle/files.ts';
import { existing, writeFiles } from './files/write-files.ts';
import { launcherFrom } from './init/launcher.ts';
import { askFor } from './init/questions.ts';
import { initReport, inShort } from './init/report.ts';
import { readPolicies } from './options/read-policies.ts';
import { usage } from './options/usage.ts';
import { here } from './terminal/confirm.ts';
import { show } from './terminal/output.ts';
import { builtFunctions } from './world/local-function.ts';

interface Options {
  readonly json?: boolean;
  readonly dir: string;
  readonly cloud: CloudName;
  readonly region?: string;
  readonly objectBucket?: readonly string[];
  readonly archiveBucket?: readonly string[];
  readonly eventBridge?: readonly string[];
  readonly eventGrid?: readonly string[];
  readonly keep?: string;
  readonly max?: string;
  readonly deadLetters?: string;
  readonly inventoryBucket?: string;
  readonly audit?: string;
  readonly defaultRetention?: string;
  readonly force?: boolean;
}

export function configure(command: Command): void {
  command
    .option('--dir <folder>', 'the folder to set up', '.')
    .addOption(
      new Option('--cloud <name>', 'oss: s.yaml for Function Compute; obs: main.tf.json for Terraform')
        .choices([...cloudNames])
        .default('oss'),
    )
    .option('--region <id>', 'region of the buckets, such as cn-hangzhou')
    .option('--object-bucket <name...>', 'buckets whose objects are retained one by one (ObjectWorm)')
    .option('--archive-bucket <name...>', 'buckets that are retained as a whole (WORM policy)')
    .option(
      '--event-bridge <name...>',
      'those of the object buckets that have a trigger of somebody else already',
    )
    .option(
      '--event-grid <name...>',
      'on OBS: those of the object buckets whose uploads come by EventGrid (in regions cn-… all do)',
    )
    .option('--keep <duration>', 'how long everything is kept, such as 7y')
    .option('--max <duration>', 'beyond which time nothing is ever kept, such as 10y')
    .option('--dead-letters <folder>', 'oss://bucket/prefix/ (or obs://…) for events that failed to the end')
    .option(
      '--inventory-bucket <name>',
      'bucket that the cloud writes inventories to, for repairs (default: none)',
    )
    .option(
      '--audit <folder>',
      'oss://bucket/prefix/ (or obs://…) for the evidence of decisions (default: none)',
    )
    .option(
      '--default-retention <period>',
      'default retention of the object buckets, days or years such as 30d (default: left alone)',
    )
    .option('--force', 'overwrite files that are there')
    .addHelpText(
      'after',
      '\nOn a terminal it asks for what is not given; in a pipe all of it has to be given.',
    )
    .action(init);
}

async function init(options: Options): Promise<void> {
  const { dir } = options;
  const texts =
    here.input.isTTY === true ? await askFor(options.cloud, textsOf(options), here) : textsOf(options);
  const read = readAnswers(texts, options.cloud);
  if ('problems' in read) {
    throw usage(read.problems.join('; '));
  }
  const { answers } = read;
  const launcher = launcherFrom(dir);
  const files = await allFiles(answers, `${launcher} bundle`);
  const there = existing(dir, files);
  if (there.length > 0 && options.force !== true) {
    throw failure('FILES_THERE', { folder: resolve(dir), files: inShort(there) });
  }
  await writeFiles(dir, files);
  show(initReport({ dir, files, answers, launcher }), options);
}

function textsOf(options: Options): Texts {
  return {
    region: options.region,
    objectBuckets: options.objectBucket?.join(','),
    archiveBuckets: options.archiveBucket?.join(','),
    eventBridgeBuckets: options.eventBridge?.join(','),
    eventGridBuckets: options.eventGrid?.join(','),
    keep: options.keep,
    max: options.max,
    deadLetters: options.deadLetters,
    inventoryBucket: options.inventoryBucket,
    audit: options.audit,
    defaultRetention: options.defaultRetention,
  };
}

async function allFiles(answers: Answers, bundle: string): Promise<Files> {
  const { cloud } = answers;
  const setup = setupIn[cloud];
  const texts = setup.textsOf(await readShipped(), answers, bundle);
  const code = await bundleFiles(setup.codeOf(texts), texts.get('rules.yaml') ?? '', 'rules.yaml', cloud);
  return new Map([...texts, ...code]);
}

/** From this installation: the bundle of the command line lies in its dist/cli. */
async function readShipped(): Promise<Shipped> {
  const root = resolve(builtFunctions, '..');
  const policies = await readPolicies(join(root, 'ram'));
  return { template: await readFile(join(root, 's.yaml'), 'utf8'), policies };
}
