import * as z from 'zod';
import type { HoldfastError } from '../../shared/platform/errors.ts';
import { BadReply, parseXml } from '../../shared/storage/oss/xml.ts';
import { readText } from './read-text.ts';
import { usage } from './usage.ts';

/** A configuration as ossutil's commands take it. */
export interface Form<Content> {
  /** The option that holds it, for messages. */
  readonly option: string;
  /** The root element of its XML. */
  readonly root: string;
  /** Its elements, or keys in JSON. */
  readonly content: z.ZodType<Content>;
}

/** A value that XML has as text and JSON as text or number. */
export const value = z.union([z.string(), z.number()], { error: 'a text or a number' }).transform(String);

/**
 * Reads a configuration in JSON or XML, from the text itself or from `file://path` (ossutil 2, extend-bucket-worm and
 * put-object-retention).
 * @throws USAGE, FILE_UNREADABLE
 */
export async function readConfiguration<Content>(given: string, form: Form<Content>): Promise<Content> {
  const text = given.startsWith('file://') ? await readText(given.slice('file://'.length)) : given;
  const found = text.trimStart().startsWith('<') ? fromXml(text, form) : fromJson(text, form);
  const parsed = form.content.safeParse(found);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.');
  throw wrong(form, `is wrong: ${where ? `${where}: ` : ''}${issue?.message}`);
}

type AnyForm = Omit<Form<unknown>, 'content'>;

function fromXml(text: string, form: AnyForm): unknown {
  try {
    const { children } = parseXml(text, form.root);
    const values = new Map(children.map(({ name, text: content }) => [name, content.trim()]));
    if (values.size === children.length) return Object.fromEntries(values);
  } catch (error) {
    if (!(error instanceof BadReply)) throw error;
    throw wrong(form, `cannot be read as XML: ${error.message}`);
  }
  throw wrong(form, 'names something twice');
}

function fromJson(text: string, form: AnyForm): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(form, 'is neither JSON nor XML');
  }
}

const wrong = ({ option }: AnyForm, reason: string): HoldfastError =>
  usage(`the configuration of ${option} ${reason}`);
