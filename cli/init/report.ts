import type { Answers } from '../../shared/init/answers.ts';
import { setupIn } from '../../shared/init/clouds.ts';
import type { Files } from '../../shared/init/files.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { shellWord } from '../../shared/platform/shell-word.ts';
import { color, type Report } from '../terminal/output.ts';

interface Done {
  readonly dir: string;
  readonly files: Files;
  readonly answers: Answers;
  readonly launcher: string;
}

/** Tells what was written, and the commands that come next. */
export function initReport({ dir, files, answers, launcher }: Done): Report {
  const [bucket] = answers.objectBuckets;
  const setup = setupIn[answers.cloud];
  const serve = [launcher, 'local', ...setup.local].join(' ');
  const tryOut = [
    ...(dir === '.' ? [] : [`cd ${shellWord(dir)}`]),
    `${launcher} validate`,
    `${launcher} test`,
    bucket === undefined
      ? serve
      : `${serve} --upload ${formatAddress(answers.cloud, { bucket, key: 'hello.txt' })}`,
  ];
  const deploy = setup.deployCommands(answers, launcher);
  return {
    text: [
      `${color.green('wrote')} ${quantity(files.size, 'file')}${dir === '.' ? '' : ` in ${dir}`}: ${inShort(files.keys())}`,
      '',
      'See it work here, without an account:',
      '',
      ...tryOut.map((line) => `    ${line}`),
      '',
      setup.beforeDeploy,
      '',
      ...deploy.map((line) => `    ${line}`),
    ].join('\n'),
    json: { dir, files: [...files.keys()], next: tryOut, deploy },
  };
}

/** Returns paths in a few words: those of a folder as one. */
export function inShort(paths: Iterable<string>): string {
  const tops = new Map<string, number>();
  for (const path of paths) {
    const [top = path, ...rest] = path.split('/');
    const name = rest.length > 0 ? `${top}/` : top;
    tops.set(name, (tops.get(name) ?? 0) + 1);
  }
  return [...tops]
    .map(([name, count]) => (name.endsWith('/') ? `${name} (${quantity(count, 'file')})` : name))
    .join(', ');
}
