/**
 * The one script, and the page works without it: while the machine is at a step, it looks every few
 * seconds whether the step has moved on, and only then loads the page again. (A page that reloads
 * by itself all the time takes the place from whoever reads or types.)
 */
export const SITE_SCRIPT = [
  'const step = () => document.getElementById("step")',
  'const shown = step()?.outerHTML',
  'const look = async () => {',
  '  try {',
  '    const response = await fetch(location.href)',
  '    const page = new DOMParser().parseFromString(await response.text(), "text/html")',
  '    if (response.ok && page.getElementById("step")?.outerHTML !== shown) location.reload()',
  '  } catch {}',
  '}',
  'if (shown) setInterval(look, 3000)',
  '',
].join('\n')
