import { deployCommand, serverlessDevs } from '../shared/deploy/tools.ts';
import { formatAddress } from '../shared/platform/address.ts';
import { quantity } from '../shared/platform/quantity.ts';
import type { Answers } from '../shared/setup/answers.ts';
import type { Files } from '../shared/setup/files.ts';
import { needsEventGrid } from '../shared/setup/huawei/terraform.ts';
import { quoted } from './launcher.ts';
import { color, type Report } from './output.ts';

interface Done {
  readonly dir: string;
  readonly files: Files;
  readonly answers: Answers;
  readonly launcher: string;
}

/** Tells what was written, and the commands that come next. */
export function initReport({ dir, files, answers, launcher }: Done): Report {
  const [bucket] = answers.objectBuckets;
  const isObs = answers.cloud === 'obs';
  const tryOut = [
    ...(dir === '.' ? [] : [`cd ${quoted(dir)}`]),
    `${launcher} validate`,
    `${launcher} test`,
    bucket === undefined
      ? `${launcher} local`
      : `${launcher} local ${isObs ? '--cloud obs' : `--upload ${formatAddress('oss', { bucket, key: 'hello.txt' })}`}`,
  ];
  const deploy = isObs
    ? obsDeploy(answers, launcher)
    : [
        `${serverlessDevs} config add --access default`,
        `${serverlessDevs} preview -t s.yaml`,
        deployCommand,
        `${launcher} doctor`,
      ];
  return {
    text: [
      `${color.green('wrote')} ${quantity(files.size, 'file')}${dir === '.' ? '' : ` in ${dir}`}: ${inShort(files.keys())}`,
      '',
      'See it work here, without an account:',
      '',
      ...tryOut.map((line) => `    ${line}`),
      '',
      isObs
        ? 'Then turn versioning and WORM on for the buckets (irreversible; docs/obs.md), and deploy with the keys in HW_ACCESS_KEY and HW_SECRET_KEY:'
        : 'Then make the roles from the files in ram/ (docs/init.md says how), and deploy:',
      '',
      ...deploy.map((line) => `    ${line}`),
    ].join('\n'),
    json: { dir, files: [...files.keys()], next: tryOut, deploy },
  };
}

const obsDeploy = ({ region }: Answers, launcher: string): string[] => [
  'terraform init',
  needsEventGrid(region) ? "terraform apply -var 'eventgrid_agency=NAME'" : 'terraform apply',
  `${launcher} doctor --cloud obs --region ${region}`,
];

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
