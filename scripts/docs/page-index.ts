import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './sections.ts';

/** The pages for those who work on Holdfast; all others are for those who use it. */
const forDevelopers: ReadonlySet<string> = new Set([
  'architecture.md',
  'assumptions.md',
  'bench.md',
  'chaos.md',
  'dependencies.md',
  'embedded-cloud-functions.md',
  'embedded-oss.md',
  'faults.md',
  'model.md',
  'testing.md',
]);

/** Every page of docs/ with its own title. */
export function pageIndex(): string {
  const names = readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md');
  const rows = (group: readonly string[]) =>
    group.toSorted().map((name) => [`[${name}](${name})`, titleOf(name)]);
  const [developers, users] = [true, false].map((is) =>
    names.filter((name) => forDevelopers.has(name) === is),
  );
  return [
    '## For users',
    markdownTable(['page', 'is about'], rows(users ?? [])),
    '## For developers',
    markdownTable(['page', 'is about'], rows(developers ?? [])),
  ].join('\n\n');
}

function titleOf(name: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join('docs', name), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs/${name} has no title`);
  return title;
}
