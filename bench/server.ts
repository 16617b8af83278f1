import { startCloud } from '../local/cloud.ts';

/** The embedded cloud in a process of its own. It says its port, answers `usage`, and ends when told to. */
const data = process.argv[2];
const cloud = await startCloud(data === undefined ? {} : { data });

process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage();
    process.send?.({ rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
  }
  if (message !== 'end') return;
  await cloud.close();
  process.disconnect();
});
process.send?.({ port: cloud.port });
