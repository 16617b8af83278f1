import { Argument, type Command, Option } from 'commander';
import { systemClock } from '../shared/platform/clock.ts';
import type { RulesDocument } from '../shared/rules/document.ts';
import { rulesJsonSchema } from '../shared/rules/json-schema.ts';
import { loadRulesOf, readRulesDocument } from '../shared/rules/load.ts';
import { type NarrowedRules, narrowRules } from '../shared/rules/narrow.ts';
import { findWarningsInClouds } from '../shared/rules/warnings/in-clouds.ts';
import { addCloudOptions, defaultRules } from './options/cloud-options.ts';
import { readRulesInput } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import { show, showError } from './terminal/output.ts';
import { checkDeployment } from './validate/deployment.ts';
import {
  type Findings,
  type FindingsFormat,
  findingsFormats,
  type Placed,
  reportFindings,
  reportUnread,
  together,
} from './validate/report.ts';
import { addAllRegionsOption, type RegionOptions } from './world/all-regions.ts';

interface Options extends RegionOptions {
  readonly json?: boolean;
  readonly live?: boolean;
  readonly format?: FindingsFormat;
  readonly strict?: boolean;
  readonly printSchema?: boolean;
}

export function configure(command: Command): void {
  addCloudOptions(addAllRegionsOption(command))
    .addArgument(
      new Argument('[rules...]', 'rules files, or - for standard input (HOLDFAST_RULES)').default(
        [defaultRules()],
        defaultRules(),
      ),
    )
    .addOption(
      new Option('--format <format>', 'how to print what was found (default: text; --json is json)')
        .choices([...findingsFormats])
        .conflicts('json'),
    )
    .option('--strict', 'fail on warnings too, with exit code 1')
    .option('--live', 'look too whether the buckets of the account are as the rules need them')
    .option('--print-schema', 'print the JSON Schema of rules files, for editors')
    .addHelpText(
      'after',
      '\nA mistake is one line, file:line:col message, and makes the exit code 2. A warning tells of what is legal and\n' +
        'probably wrong, and ends with a code word that docs/validate.md explains.',
    )
    .action(async (files: string[], options: Options) => {
      if (options.printSchema === true) process.stdout.write(rulesJsonSchema());
      else await run([...new Set(files)], options);
    });
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const { json, format = json ? 'json' : 'text', strict = false } = options;
  const machine = format === 'json';
  checkLive(files, options);
  try {
    const reports = await Promise.all(
      files.map(async (file) => {
        try {
          return reportFindings(await validate(file), format, strict);
        } catch (error) {
          if (files.length === 1) throw error;
          return reportUnread(file, error, format); // the mistakes in the other files are told all the same
        }
      }),
    );
    const report = together(reports);
    const [file] = files;
    const isLive = options.live === true && file !== undefined && report.exitCode !== 2;
    if (!isLive) return show(report, { json: machine });
    const { withLive } = await import('./validate/live.ts');
    show(await withLive(report, { ...options, rules: file }, strict), { json: machine });
  } catch (error) {
    showError(error, machine);
  }
}

/** @throws USAGE */
function checkLive(files: readonly string[], { live, allRegions, format }: Options): void {
  if (live !== true) {
    if (allRegions === true) throw usage('--all-regions says where --live looks: give --live too');
    return;
  }
  if (files.length !== 1) throw usage('--live looks at the buckets of one rules file');
  if (format === 'github') throw usage('--live has no annotations: leave --format github out');
}

/** Finds every mistake in a rules file and, where one lies beside it, in s.yaml, and what is probably wrong in both. */
async function validate(file: string): Promise<Findings> {
  const text = await readRulesInput(file);
  const document = readRulesDocument(text, file);
  const loaded = loadRulesOf(document);
  const written = loaded.ok ? loaded.written : undefined;
  // s.yaml deploys to Function Compute, which serves OSS.
  const inOss = written && narrowRules(written, 'oss');
  const deployed = { ...document, place: placeOf(document, inOss) };
  const deployment = await checkDeployment({ file, document: deployed, rules: inOss?.rules }, process.env);
  const found = loaded.ok
    ? []
    : loaded.problems.map(({ line, col, message }) => ({ file, line, col, message }));
  const said = written === undefined ? [] : findWarningsInClouds(written, systemClock.now());
  const warnings = said.map((warning) => {
    const { line, col, message } = document.place(warning);
    return { file, line, col, code: warning.code, message };
  });
  return {
    file,
    rules: written && {
      objects: written.objects.length,
      buckets: written.buckets.length,
      defaults: written.defaults.length,
    },
    mistakes: [...found, ...deployment.mistakes],
    warnings: inOrder(file, [...warnings, ...deployment.warnings]),
    notes: deployment.notes,
  };
}

/** Finds the place in the file of what is said of narrowed rules. */
const placeOf =
  (document: RulesDocument, narrowed: NarrowedRules | undefined): RulesDocument['place'] =>
  (finding) =>
    document.place({ ...finding, path: narrowed?.origin(finding.path) ?? finding.path });

/** Those of the rules first, each file from top to bottom. */
const inOrder = <Found extends Placed>(first: string, found: readonly Found[]): Found[] =>
  found.toSorted(
    (one, other) =>
      Number(other.file === first) - Number(one.file === first) ||
      one.line - other.line ||
      one.col - other.col,
  );
