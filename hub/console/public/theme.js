// Sets the theme before the first paint. A file of its own because the page's policy allows no
// inline script. The same key is written by src/layout/theme.ts.
;(function () {
  let wanted = 'system'
  try {
    wanted = localStorage.getItem('brickyard-theme') ?? 'system'
  } catch {
    // Storage can be switched off; the system's theme is right then.
  }
  const dark =
    wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
