import { Icon, type IconName } from '../ui/Icon.tsx'
import { chooseTheme, THEMES, useTheme, type Theme } from './theme.ts'

const ICON: Readonly<Record<Theme, IconName>> = { system: 'screen', light: 'sun', dark: 'moon' }

export function ThemeSwitch() {
  const current = useTheme()
  return (
    <div role="radiogroup" aria-label="Theme" className="flex rounded-md border border-line p-0.5">
      {THEMES.map((theme) => (
        <button
          key={theme}
          type="button"
          role="radio"
          aria-checked={theme === current}
          aria-label={theme}
          title={`${theme} theme`}
          onClick={() => chooseTheme(theme)}
          className={`inline-flex h-6 w-7 items-center justify-center rounded ${theme === current ? 'bg-raised text-ink' : 'text-ink-faint hover:text-ink'}`}
        >
          <Icon name={ICON[theme]} className="size-3.5" />
        </button>
      ))}
    </div>
  )
}
