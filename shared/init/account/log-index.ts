import { indexedKeys } from './alarms.ts';

const separators = [...', \'";=()[]{}?@&<>/:\n\t\r'];
const text = { type: 'text', caseSensitive: false, chn: true, token: separators, doc_value: true };

/** The index of the logstore, as CreateIndex takes it (Simple Log Service, CreateIndex). */
export const logIndex = {
  line: { caseSensitive: false, chn: true, token: separators },
  keys: {
    ...Object.fromEntries(indexedKeys.ofService.map((key) => [key, text])),
    message: {
      type: 'json',
      caseSensitive: false,
      chn: true,
      token: separators,
      index_all: false,
      json_keys: {
        ...Object.fromEntries(
          indexedKeys.ofLines.text.map((key) => [key, { type: 'text', doc_value: true }]),
        ),
        ...Object.fromEntries(
          indexedKeys.ofLines.whole.map((key) => [key, { type: 'long', doc_value: true }]),
        ),
        ...Object.fromEntries(
          indexedKeys.ofLines.decimal.map((key) => [key, { type: 'double', doc_value: true }]),
        ),
      },
    },
  },
};
