/**
 * Names the diagnostics channels on which requests are told of that do not go over `node:http`, which tells of its own.
 * Their messages are like those of `http.client.request.start`, `http.client.response.finish` and `http.client.request.error`.
 */
export const requestChannels = {
  started: 'holdfast.request.start',
  answered: 'holdfast.response.finish',
  failed: 'holdfast.request.error',
} as const;
