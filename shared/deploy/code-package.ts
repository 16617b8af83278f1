/**
 * Tells whether a file of a function's folder is deployed. The `.fcignore` that the build writes there (@serverless-devs/zip:
 * patterns as in .gitignore) leaves out the source maps, which no runtime reads, and itself.
 */
export const isDeployed = (path: string): boolean => !path.endsWith('.map') && path !== '.fcignore';
