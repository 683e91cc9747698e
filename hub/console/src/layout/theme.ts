import { useSyncExternalStore } from 'react'

/** Dark, light, or what the system says. `public/theme.js` does the same before the first paint. */
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'brickyard-theme'
const listeners = new Set<() => void>()
const systemDark = matchMedia('(prefers-color-scheme: dark)')

function stored(): Theme {
  try {
    const text = localStorage.getItem(KEY)
    return THEMES.find((theme) => theme === text) ?? 'system'
  } catch {
    return 'system'
  }
}

function show(): void {
  const wanted = stored()
  const dark = wanted === 'dark' || (wanted === 'system' && systemDark.matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) systemDark.addEventListener('change', show)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) systemDark.removeEventListener('change', show)
  }
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Without storage the choice cannot be kept; nothing else depends on it.
  }
  show()
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, stored)
