import * as z from 'zod';

/** The form of one kind of document that a command prints with --json. */
export interface DocumentForm {
  /** `holdfast.plan/1`; several forms may share a format, one for each operation of a command. */
  readonly format: string;
  /** The commands that print it, without `holdfast`; empty: every command does. */
  readonly commands: readonly string[];
  /** It says in a few words what the document has. */
  readonly about: string;
  readonly schema: z.ZodType;
  /** Names the fields, in order. */
  readonly fields: readonly string[];
  /** The form of the lines without a format that follow this one, where it is the first of JSON lines. */
  readonly lines?: z.ZodType;
  /** True where it is one of the JSON lines of its command. */
  readonly isLine?: true;
}

type About = Omit<DocumentForm, 'schema' | 'format' | 'fields'>;

/** Makes the form of a document: its format comes first, then these fields. */
export function documentForm(format: string, fields: z.ZodRawShape, about: About): DocumentForm {
  const schema = z.strictObject({ format: z.literal(format), ...fields }).describe(about.about);
  return { ...about, format, schema, fields: Object.keys(fields) };
}
