import { type Argument, Command } from 'commander';
import { readTextFile } from '../shared/platform/text.ts';
import { loadRules } from '../shared/rules/load.ts';
import { commands } from './commands.ts';
import { withCommonOptions } from './options/common-options.ts';

/**
 * Returns the candidates for the last of these words, in the order in which they are listed.
 * @param words what follows the program's name; the last one is being written and may be empty
 */
export async function candidatesFor(words: readonly string[], env = process.env): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const all = await possible(before, last, env);
  return all.filter((candidate) => candidate.startsWith(last));
}

async function possible(
  before: readonly string[],
  last: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const [name, ...rest] = before;
  if (name === undefined) return [...Object.keys(commands), 'help', '--help', '--version'];
  if (name === 'help')
    return rest.length === 0 ? Object.keys(commands) : namesOf(await configured(rest[0] ?? ''));
  const command = await configured(name);
  if (command === undefined) return [];
  if (name === 'schema' && !last.startsWith('-')) return await schemaKeys();
  return await within(command, rest, last, env);
}

/** The candidates after a command, its operation and its options. */
async function within(
  command: Command,
  rest: readonly string[],
  last: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const plain = rest.filter((word) => !word.startsWith('-'));
  const operation = command.commands.find((each) => each.name() === plain[0]);
  const options = [...(operation?.options ?? []), ...command.options];
  const open = options.find(({ long, short }) => [long, short].includes(rest.at(-1)));
  if (open?.required === true) return await valuesOf(open, env);
  if (last.startsWith('-')) return options.flatMap(({ long }) => long ?? []).concat('--help');
  if (operation === undefined && command.commands.length > 0) return namesOf(command);
  const place = operation === undefined ? plain.length : plain.length - 1;
  const { registeredArguments: all } = operation ?? command;
  const argument = all[Math.min(place, all.length - 1)];
  return argument === undefined ? [] : await valuesOf(argument, env);
}

async function schemaKeys(): Promise<readonly string[]> {
  const { rulesKeys } = await import('./schema.ts');
  return rulesKeys();
}

const namesOf = (command: Command | undefined): readonly string[] =>
  command?.commands.map((each) => each.name()) ?? [];

/** Returns what an option or an argument may be: its choices, or the buckets of the rules where it takes an address. */
async function valuesOf(
  { argChoices, description }: Pick<Argument, 'argChoices' | 'description'>,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  if (argChoices !== undefined) return argChoices;
  return description.includes('://bucket') ? await buckets(env) : [];
}

async function configured(name: string): Promise<Command | undefined> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) return undefined;
  const command = new Command(name);
  (await entry.load()).configure(withCommonOptions(command));
  return command;
}

/** The buckets that the rules file here names whole, as addresses; none when it cannot be read. */
async function buckets(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const file = env['HOLDFAST_RULES'] || 'rules.yaml';
  const text = await readTextFile(file).catch(() => undefined);
  const loaded = text === undefined ? undefined : loadRules(text, file);
  if (loaded?.ok !== true) return [];
  const { objects, buckets: policies, cloud } = loaded.rules;
  const globs = [...objects, ...policies].flatMap(({ match }) => match.bucket.globs);
  const whole = globs.filter((glob) => /^[a-z0-9-]+$/.test(glob));
  return [...new Set(whole)].sort().map((bucket) => `${cloud}://${bucket}`);
}
