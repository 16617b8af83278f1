import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { failure } from '../shared/platform/errors.ts';
import { addRulesOptions, connect, type RulesOptions, readRules } from './cloud-options.ts';
import { look, needsAttention } from './look.ts';
import { show, toJson } from './output.ts';
import { planTable } from './plan-table.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly out?: string;
}

export function configure(command: Command): void {
  addRulesOptions(command.option('--out <file>', 'keep the plan for `holdfast apply`')).action(
    async (options: Options) => {
      const { plan } = await look(await readRules(options), await connect(options));
      if (options.out !== undefined) await keep(options.out, plan);
      const kept =
        options.out === undefined
          ? []
          : [`\nkept in ${options.out}; carry it out with: holdfast apply ${options.out}`];
      show(
        { text: [planTable(plan), ...kept].join('\n'), json: plan, exitCode: needsAttention(plan) ? 1 : 0 },
        options,
      );
    },
  );
}

async function keep(file: string, plan: unknown): Promise<void> {
  await writeFile(file, `${toJson(plan)}\n`).catch((cause: Error) => {
    throw failure('FILE_UNWRITABLE', { file, reason: cause.message }, { cause });
  });
}
