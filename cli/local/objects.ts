import type { Command } from 'commander';
import { usage } from '../options/usage.ts';
import { showUnder } from '../terminal/output.ts';
import { copyLocal } from './copy.ts';
import { listLocal } from './list.ts';
import { makeLocalBucket } from './make.ts';

/** Options that a running cloud is found by, and those of every output. The others start a cloud. */
const forRunning: ReadonlySet<string> = new Set(['port', 'json', 'quiet', 'verbose', 'wide', 'color']);

/** Adds `mb`, `cp` and `ls` to `local`: they work on an embedded cloud that runs. */
export function addObjectCommands(local: Command): void {
  const portOf = () => {
    if (local.getOptionValueSource('port') !== 'cli') return undefined;
    const { port } = local.opts<{ port: number }>();
    if (port > 0) return port;
    throw usage('--port 0: expected the port that `holdfast local` listens on');
  };
  local.hook('preAction', (_, running) => {
    if (running === local) return;
    const wrong = local.options.find(
      (option) =>
        local.getOptionValueSource(option.attributeName()) === 'cli' &&
        !forRunning.has(option.attributeName()),
    );
    if (wrong !== undefined)
      throw usage(`${wrong.long} starts a cloud; ${running.name()} works on one that runs`);
  });

  operation(local, 'mb', 'make a bucket that keeps versions and takes retention of each')
    .argument('<bucket>', 'its name')
    .action(async (name: string) => showUnder(local, await makeLocalBucket(name, portOf())));

  operation(local, 'cp', 'copy a file or a folder into a bucket, or an object into a file')
    .argument('<from>', 'a file (-: standard input), a folder, or oss://bucket/key[?versionId=ID]')
    .argument('<to>', 'oss://bucket/key, or a file (-: standard output)')
    .option('--tag <k=v...>', 'tags of the object that is uploaded')
    .action(async (from: string, to: string, { tag = [] }: { readonly tag?: readonly string[] }) => {
      const { json } = local.opts<{ json?: boolean }>();
      const report = await copyLocal(from, to, { tag, port: portOf(), json: json === true });
      if (report !== undefined) showUnder(local, report);
    });

  operation(local, 'ls', 'list buckets, or the versions in one with their retention and legal holds')
    .argument('[place]', 'oss://bucket/prefix or obs://bucket/prefix')
    .action(async (place: string | undefined) => showUnder(local, await listLocal(place, portOf())));
}

const operation = (local: Command, name: string, summary: string): Command =>
  local.command(name).summary(summary).description(summary).addHelpText('after', help);

const help = `
It works on a running \`holdfast local\`, with its well-known key, and never on a real endpoint. It is found at
--port NUMBER of this machine, else at HOLDFAST_OSS_ENDPOINT, else at port 9000. --json prints JSON for machines.`;
