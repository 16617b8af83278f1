/**
 * What a server in a process of its own says to the process that started it: its port, and its usage when it is asked; it
 * ends when it is told to.
 */
export function answerParent(port: number, close: () => Promise<void>): void {
  process.on('message', async (message) => {
    if (message === 'usage') {
      const { user, system } = process.cpuUsage();
      process.send?.({ rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
    }
    if (message !== 'end') return;
    await close();
    process.disconnect();
  });
  process.send?.({ port });
}
