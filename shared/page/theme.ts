/** Lets a button turn the page dark and light; until it is pressed the page follows the system. */
export function startTheme(button: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const isDark = () => {
    const { theme } = root.dataset;
    return theme === undefined ? system.matches : theme === 'dark';
  };
  const tell = () => button.setAttribute('aria-pressed', String(isDark()));
  button.addEventListener('click', () => {
    root.dataset['theme'] = isDark() ? 'light' : 'dark';
    tell();
  });
  system.addEventListener('change', tell);
  tell();
}
