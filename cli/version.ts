import type { Command } from 'commander';
import { version } from '../package.json';
import { show } from './terminal/output.ts';

export function configure(command: Command): void {
  command.action((options: { readonly json?: boolean }) =>
    show({ text: version, json: { version } }, options),
  );
}
