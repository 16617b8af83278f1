import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deliveries, type Resource } from '../../shared/deploy/deliveries.ts';
import { lockTiming } from '../../shared/deploy/lock-timing.ts';
import { render } from '../../shared/deploy/render.ts';
import { checkTemplateDocument, readTemplateDocument } from '../../shared/deploy/template.ts';
import { type DeploymentWarning, deploymentWarnings } from '../../shared/deploy/warnings.ts';
import { hasCode } from '../../shared/platform/errors.ts';
import type { RulesDocument } from '../../shared/rules/document.ts';
import type { Path } from '../../shared/rules/problem.ts';
import { child, isMap } from '../../shared/rules/schema-walk.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { readText } from '../options/read-text.ts';
import type { Placed, PlacedWarning } from './report.ts';

interface Checked {
  readonly mistakes: readonly Placed[];
  readonly warnings: readonly PlacedWarning[];
  /** This is what was not checked, and why; no mistake. */
  readonly notes: readonly string[];
}

/** The rules file, as far as it could be read. */
interface RulesFile {
  readonly file: string;
  readonly document: RulesDocument;
  /** undefined when they are invalid themselves. */
  readonly rules: Rules | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Checks the s.yaml beside a rules file: its own mistakes, and whether it brings what the rules wait for. @throws FILE_UNREADABLE, TEXT_ENCODING */
export async function checkDeployment(given: RulesFile, environment: Environment): Promise<Checked> {
  const file = join(dirname(given.file), 's.yaml');
  if (!existsSync(file)) {
    const place = given.file === '-' ? 'here' : `beside ${given.file}`;
    const note = existsSync(join(dirname(given.file), 'main.tf.json'))
      ? `main.tf.json ${place} was not compared with the rules: \`holdfast doctor --cloud obs\` does it`
      : `no s.yaml ${place}: whether the rules have their triggers and timer was not checked`;
    return { mistakes: [], warnings: [], notes: given.rules === undefined ? [] : [note] };
  }
  const text = await readText(file);
  try {
    const document = readTemplateDocument(text);
    const { functions } = checkTemplateDocument(document, file, { environment });
    const names = Object.keys(mapAt(document.value, 'resources'));
    const resources = functions.map((props, index) => ({ name: names[index] ?? '', props }));
    return given.rules === undefined
      ? { mistakes: [], warnings: [], notes: [] }
      : compare(given, given.rules, { file, document, resources }, environment);
  } catch (error) {
    if (!hasCode(error, 'TEMPLATE_INVALID')) throw error;
    const [, ...lines] = error.message.split('\n');
    return { mistakes: lines.map((line) => placed(file, line)), warnings: [], notes: [] };
  }
}

interface TemplateFile {
  readonly file: string;
  readonly document: RulesDocument;
  readonly resources: readonly Resource[];
}

function compare(given: RulesFile, rules: Rules, template: TemplateFile, environment: Environment): Checked {
  const { open, isOpen } = openBuckets(template.document.value, environment);
  const delivered = deliveries(template.resources, isOpen);
  const place = (warning: DeploymentWarning): PlacedWarning => {
    const { file, document } = warning.in === 'rules' ? given : template;
    const { line, col, message } = document.place(warning);
    return { file, line, col, code: warning.code, message };
  };
  return {
    mistakes: lockTiming(rules, template.resources, template.file).map((finding) => {
      const { line, col, message } = given.document.place(finding);
      return { file: given.file, line, col, message };
    }),
    warnings: deploymentWarnings(rules, template.resources, delivered, template.document.value).map(place),
    notes: open(delivered.map(({ path }) => path))
      ? ['the bucket of a trigger is not set here: whether every object rule has a trigger was not checked']
      : [],
  };
}

/**
 * Which triggers are for a bucket that an unset variable names: it takes another value when that variable does. Their
 * default in s.yaml is an example, and says nothing of the bucket that will be deployed.
 */
function openBuckets(document: unknown, environment: Environment) {
  const given = (name: string | symbol) => environment[String(name)] ?? 'not-set';
  const standIn = new Proxy<Record<string, string>>(
    {},
    {
      get: (_none, name) => given(name),
      getOwnPropertyDescriptor: (_none, name) => ({
        value: given(name),
        configurable: true,
        enumerable: true,
      }),
    },
  );
  const [usual, other] = [environment, standIn].map(
    (variables) => render(document, { environment: variables }).document,
  );
  const bucketAt = (value: unknown, path: Path) =>
    String([...path, 'sourceArn'].reduce(child, value))
      .split(':')
      .at(-1);
  const isOpen = (path: Path) => bucketAt(usual, path) !== bucketAt(other, path);
  return { isOpen, open: (paths: readonly Path[]) => paths.some(isOpen) };
}

/** A line of TEMPLATE_INVALID: `s.yaml:12:7 message`. */
function placed(file: string, text: string): Placed {
  const [, line = '1', col = '1', message = text] = /^.*?:(\d+):(\d+) (.*)$/s.exec(text) ?? [];
  return { file, line: Number(line), col: Number(col), message };
}

function mapAt(value: unknown, key: string): Record<string, unknown> {
  const found = child(value, key);
  return isMap(found) ? found : {};
}
