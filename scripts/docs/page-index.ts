import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './sections.ts';

/** The pages by whom they are for, in the order in which they are read. Pages that stand in no group are for users. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'Set up': ['init.md', 'setup.md', 'configuration.md', 'obs.md', 'obs-functions.md', 'obs-deploy.md'],
  'For developers': [
    'architecture.md',
    'assumptions.md',
    'assumptions-platform.md',
    'bench.md',
    'chaos.md',
    'conformance.md',
    'dependencies.md',
    'embedded-cloud-deploy.md',
    'embedded-cloud-events.md',
    'embedded-cloud-functions.md',
    'embedded-oss-behaviour.md',
    'embedded-oss-operations.md',
    'embedded-oss.md',
    'faults.md',
    'model.md',
    'mutation.md',
    'testing.md',
  ],
  Reference: [
    'commands.md',
    'errors-a-i.md',
    'errors-j-z.md',
    'glossary.md',
    'rules-keys-buckets.md',
    'rules-keys-objects.md',
    'rules-values.md',
  ],
};

/** Makes the index of docs/: every page with its own title, tasks first. */
export function pageIndex(): string {
  const names = readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md');
  const grouped = new Set(Object.values(groups).flat());
  const table = (title: string, group: readonly string[]) => {
    const rows = group.map((name) => [`[${name}](${name})`, titleOf(name)]);
    return `## ${title}\n\n${markdownTable(['page', 'is about'], rows)}`;
  };
  const inGroup = (title: string) => (groups[title] ?? []).filter((name) => names.includes(name));
  return [
    table('Set up', inGroup('Set up')),
    table('Use', names.filter((name) => !grouped.has(name)).toSorted()),
    table('Reference', inGroup('Reference')),
    table('For developers', inGroup('For developers')),
  ].join('\n\n');
}

function titleOf(name: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join('docs', name), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs/${name} has no title`);
  return title;
}
