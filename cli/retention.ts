import { type Command, InvalidArgumentError } from 'commander';
import { formatInstant } from '../shared/platform/instant.ts';
import { type ObjectAt, versionId } from '../shared/storage/port.ts';
import { readObjectAddress } from './options/address.ts';
import { addCloudOptions, addRulesOptions, type CloudOptions, connect } from './options/cloud-options.ts';
import { operationHelpStyle } from './options/common-options.ts';
import { readVersionId } from './options/read-version-id.ts';
import { type PutOptions, put } from './retention/put.ts';
import { color, objectUrl, type Report, showUnder } from './terminal/output.ts';
import { liveVersion } from './world/observe-object.ts';
import { aligned } from './world/policy-facts.ts';
import { retentionLines } from './world/retention-facts.ts';

interface GetOptions extends CloudOptions {
  readonly versionId?: string;
}

/** Reading and writing the retention of one version. */
export function configure(command: Command): void {
  command.configureHelp(operationHelpStyle).addHelpText('after', help);

  addCloudOptions(operation(command, 'get', 'show until when a version is kept')).action(
    async (url: string, options: GetOptions) =>
      showUnder(command, await get(readObjectAddress(options.cloud, url), options)),
  );

  addRulesOptions(operation(command, 'put', 'keep a version until a date, for good'))
    .option(
      '--until <time>',
      'the end of the retention: ISO 8601 (UTC unless it says otherwise); a bare date keeps all of that day',
    )
    .option('--for <duration>', 'the length of the retention, from Last-Modified: such as 90d, 18mo or 7y')
    .option('--days <n>', 'the length of the retention in days', readDays)
    .option('--mode <mode>', 'COMPLIANCE is the only one', 'COMPLIANCE')
    .option('--retention <text>', 'mode and date as ossutil takes them: JSON or XML, or file://path')
    .option('--yes', 'do not ask before what cannot be undone')
    .option('--dry-run', 'go through it all and send no write')
    .action(async (url: string, options: PutOptions) =>
      showUnder(command, await put(readObjectAddress(options.cloud, url), options)),
    );
}

const help = `
Without --version-id the current version is meant; it is named in what is asked and shown. Nobody can shorten
COMPLIANCE retention or take it away, so \`put\` asks for the word to be typed, or takes --yes.`;

const operation = (parent: Command, name: string, summary: string): Command =>
  parent
    .command(name)
    .summary(summary)
    .description(summary)
    .argument('<url>', 'oss://bucket/key, or obs://bucket/key')
    .option('--version-id <id>', 'the version that is meant (default: the current one)', readVersionId);

async function get(at: ObjectAt, options: GetOptions): Promise<Report> {
  const { storage, clock } = await connect(options);
  const wanted = options.versionId === undefined ? undefined : versionId(options.versionId);
  const { lastModified, type, legalHold, ...version } = await liveVersion(storage, at, wanted, false);
  // HEAD leaves the retention out where the caller may not read it.
  const retention = await storage.getRetention(version);
  const lines: [string, string][] = [
    ['version', version.versionId],
    ['type', type],
    ['last modified', formatInstant(lastModified)],
    ...retentionLines(retention, clock.now(), legalHold),
  ];
  return {
    text: [color.bold(objectUrl(storage.cloud, at)), aligned(lines)].join('\n'),
    json: {
      cloud: storage.cloud,
      ...at,
      versionId: version.versionId,
      type,
      lastModified,
      retention: retention ?? null,
      legalHold: legalHold === true,
    },
  };
}

function readDays(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 36_525) return count;
  throw new InvalidArgumentError('Expected a whole number of days, 100 years at most.');
}
