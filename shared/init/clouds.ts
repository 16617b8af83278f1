import { graphFunctionNames } from '../deploy/graph/policies.ts';
import { deployCommand, serverlessDevs } from '../deploy/tools.ts';
import type { CloudName } from '../platform/address.ts';
import type { Answers } from './answers.ts';
import { obsSetupFiles, ossSetupFiles, type Shipped, templateFunctions } from './files.ts';
import { usesEventGrid } from './huawei/terraform-triggers.ts';

/** An answer that a person is asked for. */
export type AskedField = Exclude<
  keyof Answers,
  'cloud' | 'eventBridgeBuckets' | 'eventGridBuckets' | 'audit' | 'defaultRetention'
>;

/** This is what `holdfast init` does in one cloud: everything in which it differs from the other. */
export interface CloudSetup {
  /** The answers that this cloud takes, in the order in which a person is asked for them. */
  readonly fields: readonly AskedField[];
  /** The folder of the built functions, within that of all built code. */
  readonly bundles: string;
  /** Tells why answers do not fit this cloud; empty when they do. */
  problemsOf(answers: Answers): string[];
  /**
   * Returns the files that are written by hand or read by people.
   * @param bundle the command that puts the functions' code where it is deployed from
   * @throws HoldfastError TEMPLATE_INVALID
   */
  textsOf(shipped: Shipped, answers: Answers, bundle: string): Map<string, string>;
  /** Returns the folders of the functions' code, from those files. */
  codeOf(texts: ReadonlyMap<string, string>): readonly { readonly code: string }[];
  /** The options of `holdfast local` that serve this cloud. */
  readonly local: readonly string[];
  /** The sentence that comes before the commands of a deployment. */
  readonly beforeDeploy: string;
  /** @param launcher the command that runs Holdfast */
  deployCommands(answers: Answers, launcher: string): string[];
}

/** The setup in each cloud. */
export const setupIn: Readonly<Record<CloudName, CloudSetup>> = {
  oss: {
    fields: ['region', 'objectBuckets', 'archiveBuckets', 'keep', 'max', 'deadLetters', 'inventoryBucket'],
    bundles: '',
    problemsOf: notOnOss,
    textsOf: ossSetupFiles,
    codeOf: (texts) => templateFunctions(texts.get('s.yaml') ?? ''),
    local: [],
    beforeDeploy:
      'Then read setup.sh and run it, which makes roles, log, buckets and alarms with your key of aliyun, and deploy. A dry run first is in the README:',
    deployCommands: (_, launcher) => [
      'sh setup.sh',
      `${launcher} doctor --before-deploy`,
      `${serverlessDevs} config add --access default`,
      `${serverlessDevs} preview -t s.yaml`,
      deployCommand,
      `${launcher} doctor`,
    ],
  },
  obs: {
    fields: ['region', 'objectBuckets', 'keep', 'max', 'deadLetters', 'inventoryBucket'],
    bundles: 'huawei',
    problemsOf: notOnObs,
    textsOf: obsSetupFiles,
    codeOf: () => graphFunctionNames.map((name) => ({ code: `./dist/huawei/${name}` })),
    local: ['--cloud', 'obs'],
    beforeDeploy:
      'Then turn versioning and WORM on for the buckets (irreversible), and deploy, with the keys in HW_ACCESS_KEY and HW_SECRET_KEY:',
    deployCommands: ({ region, objectBuckets, eventGridBuckets }, launcher) => [
      `${launcher} setup --cloud obs --region ${region} --enable-versioning ${objectBuckets.join(' ')} --enable-object-worm ${objectBuckets.join(' ')}`,
      'terraform init',
      usesEventGrid({ region, eventGridBuckets })
        ? "terraform apply -var 'eventgrid_agency=NAME'"
        : 'terraform apply',
      `${launcher} doctor --cloud obs --region ${region}`,
    ],
  },
};

/** EventGrid is of Huawei Cloud. */
function notOnOss({ eventGridBuckets }: Answers): string[] {
  if (eventGridBuckets.length === 0) return [];
  return ['--event-grid: EventGrid is of Huawei Cloud, see --event-bridge; leave it out with --cloud oss'];
}

/** On OBS objects are retained one by one, and events need no bridge. */
function notOnObs({ archiveBuckets, eventBridgeBuckets }: Answers): string[] {
  const given: readonly (readonly [string, boolean, string])[] = [
    ['--archive-bucket', archiveBuckets.length > 0, 'OBS has no WORM policy of a bucket'],
    ['--event-bridge', eventBridgeBuckets.length > 0, 'EventBridge is of Alibaba Cloud, see --event-grid'],
  ];
  return given.flatMap(([flag, isGiven, reason]) =>
    isGiven ? [`${flag}: ${reason}; leave it out with --cloud obs`] : [],
  );
}
