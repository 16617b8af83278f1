import * as z from 'zod';
import { testFile } from './schema.ts';

/** Returns the JSON Schema of test files, for editors: the text of rules.test.schema.json. */
export function testJsonSchema(): string {
  const schema = z.toJSONSchema(testFile, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...schema, title: 'Holdfast test cases' }, null, 2)}\n`;
}
