import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isDeployed } from '../../shared/deploy/code-package.ts';
import { readTerraformFile } from '../../shared/deploy/graph/terraform-file.ts';
import { loadTemplate } from '../../shared/deploy/template.ts';
import { prerequisite, type World } from '../../shared/doctor/world.ts';
import type { FunctionCatalog } from '../../shared/function-compute/catalog-port.ts';
import { objectIn } from '../../shared/platform/address.ts';
import { readTextFile } from '../../shared/platform/text.ts';
import type { BucketSummary, Storage } from '../../shared/storage/port.ts';
import { connect, type RulesOptions, readRules } from '../options/cloud-options.ts';
import { functionAccess } from '../options/function-options.ts';
import type { FoundRegions } from '../world/all-regions.ts';
import { guarded } from '../world/guarded.ts';
import { aliyunAccount } from './aliyun-account.ts';

export interface DoctorOptions extends RulesOptions {
  readonly allRegions?: boolean;
  readonly template?: string;
  readonly account?: string;
  readonly fcEndpoint?: string;
}

/**
 * Tells what the options name, for the checks; hardly anything is read yet.
 * @param among the regions that the same run looks at, where there are several
 * @throws CREDENTIALS_MISSING, CONFIG_INVALID
 */
export async function worldOf(options: DoctorOptions, among?: FoundRegions): Promise<World> {
  const { storage, clock, region } = guarded(await connect(options), { dryRun: true });
  const templatePlace = options.template ?? join(folderOf(options), 's.yaml');
  const folder = dirname(templatePlace);
  // Of several regions each has a deployment of its own, so the environment cannot say which one it is.
  const inRegion = { HOLDFAST_REGION: region };
  const environment =
    options.allRegions === true ? { ...process.env, ...inRegion } : { ...inRegion, ...process.env };
  const sources = { environment, accountId: options.account };
  return {
    asksFunctions: options.cloud === 'oss',
    storage,
    clock,
    region,
    servedElsewhere: new Set(among?.regions.filter((other) => other !== region)),
    rules: prerequisite('the rules', () => readRules(options)),
    rulesPlace: options.rules,
    template: prerequisite('s.yaml', async () => loadTemplate(templatePlace, sources)),
    templatePlace,
    terraform: prerequisite('main.tf.json', () => terraformOf(join(folderOf(options), 'main.tf.json'))),
    buckets: prerequisite('the list of buckets', async () => among?.buckets ?? (await listBuckets(storage))),
    catalog: prerequisite('Function Compute', () => catalogOf(options)),
    account: prerequisite('the command line aliyun', () => aliyunAccount(region, options.profile)),
    accountId: options.account,
    builtFiles: (code) => filesIn(resolve(folder, code)),
    policyText: (name) => textOf(join(folder, 'ram', `${name}.json`)),
  };
}

/** @throws TEMPLATE_INVALID */
async function terraformOf(file: string) {
  const text = await textOf(file);
  return text === undefined ? undefined : readTerraformFile(text, 'main.tf.json');
}

const folderOf = ({ cloud, rules }: DoctorOptions): string =>
  objectIn(cloud, rules) === undefined ? dirname(rules) : '.';

async function listBuckets(storage: Storage): Promise<readonly BucketSummary[]> {
  const buckets: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  return buckets;
}

async function catalogOf({
  region,
  account,
  profile,
  fcEndpoint: endpoint,
}: DoctorOptions): Promise<FunctionCatalog> {
  const access = await functionAccess({ region, account, endpoint, profile });
  const { createCatalog } = await import('../../shared/function-compute/catalog.ts');
  const catalog = createCatalog(access);
  return { ...catalog, getCode: onceEach(catalog.getCode) };
}

/** Two checks look at the code; it is fetched once. */
function onceEach<Value>(load: (name: string) => Promise<Value>): (name: string) => Promise<Value> {
  const loading = new Map<string, Promise<Value>>();
  return (name) => {
    const known = loading.get(name) ?? load(name);
    loading.set(name, known);
    return known;
  };
}

/** The files below a folder that a deployment takes, by their paths in it; undefined: there is no such folder. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
  const files = entries?.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const deployed = files?.filter((file) => isDeployed(relative(folder, file)));
  return (
    deployed &&
    new Map(
      await Promise.all(
        deployed.map(async (file) => [relative(folder, file), await readFile(file)] as const),
      ),
    )
  );
}

const textOf = (file: string): Promise<string | undefined> => readTextFile(file).catch(() => undefined);
