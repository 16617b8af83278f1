import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { failure } from '../shared/platform/errors.ts';
import { rulesJsonSchema } from '../shared/rules/json-schema.ts';
import { loadRules } from '../shared/rules/load.ts';
import { checkDeployment, type Mistake } from './check-deployment.ts';
import { defaultRules } from './cloud-options.ts';
import { color, type Report, show } from './output.ts';

interface Options {
  readonly json?: boolean;
  readonly printSchema?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[rules]', 'rules file (HOLDFAST_RULES)', defaultRules())
    .option('--print-schema', 'print the JSON Schema of rules files, for editors')
    .action(async (file: string, options: Options) => {
      if (options.printSchema === true) process.stdout.write(rulesJsonSchema());
      else show(await validate(file), options);
    });
}

/** Finds every mistake in a rules file and, where one lies beside it, in s.yaml. */
async function validate(file: string): Promise<Report> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw failure('RULES_UNREADABLE', { source: file, reason: cause.message }, { cause });
  });
  const loaded = loadRules(text, file);
  const rules = loaded.ok ? loaded.rules : undefined;
  const found = loaded.ok
    ? []
    : loaded.problems.map(({ line, col, message }) => ({ file, line, col, message }));
  const deployment = checkDeployment(file, text, rules);
  const mistakes = [...found, ...deployment.mistakes];
  if (rules === undefined || mistakes.length > 0) return refusal(file, mistakes);

  const counts = { objects: rules.objects.length, buckets: rules.buckets.length };
  const fine = `${color.green('ok')} ${file}: ${count(counts.objects, 'object rule')}, ${count(counts.buckets, 'bucket rule')}`;
  return {
    text: [fine, ...deployment.notes].join('\n'),
    json: { ok: true, file, rules: counts, notes: deployment.notes },
  };
}

function refusal(file: string, mistakes: readonly Mistake[]): Report {
  const lines = mistakes.map(({ file, line, col, message }) => `${file}:${line}:${col} ${message}`);
  const { code, message, remedy } = failure('RULES_INVALID', {
    count: mistakes.length,
    file,
    problems: lines.join('\n'),
  });
  return {
    text: [...lines, color.red(count(mistakes.length, 'mistake'))].join('\n'),
    json: { ok: false, file, error: { code, message, remedy }, mistakes },
    exitCode: 2,
  };
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;
