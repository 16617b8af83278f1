import * as z from 'zod';
import { rulesFile } from './schema/file.ts';

/**
 * Returns the JSON Schema of the rules file, for editors: the text of rules.schema.json. Draft 7, which is what the
 * YAML language server reads best.
 */
export function rulesJsonSchema(): string {
  const schema = z.toJSONSchema(rulesFile, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...schema, title: 'Holdfast rules' }, null, 2)}\n`;
}
