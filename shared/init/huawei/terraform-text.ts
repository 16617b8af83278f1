/** Returns a text as it is. Terraform reads every text as a template; a `${` or `%{` that is doubled stands for itself. */
export const literalText = (text: string): string => text.replace(/([$%])\{/g, '$1$1{');

/** Returns a text in an expression. */
export const quotedText = (text: string): string => literalText(JSON.stringify(text));

/** Returns a value as JSON in a text. */
export const jsonText = (value: unknown): string => literalText(JSON.stringify(value));

/** Returns the expression of the URN of a function, by the name of its resources. */
export const functionUrn = (id: string) => `huaweicloud_fgs_function.${id}.urn`;
