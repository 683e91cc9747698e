import type { Mac } from '@brickyard/model/mac'

/** What a script that boots the installer needs, whatever loader runs it. URLs are absolute. */
export interface InstallerBoot {
  readonly sledName: string
  readonly mac: Mac
  readonly kernelUrl: string
  readonly initrdUrl: string
  /** Where the installer asks for its steps: `http://HOST:PORT`. */
  readonly agentUrl: string
  /** One-time token of the boot intent. */
  readonly claimToken: string
  /** This script's own address, asked again when a download fails. */
  readonly scriptUrl: string
  /** Further kernel arguments, e.g. `console=ttyS0`. */
  readonly kernelArguments: readonly string[]
  /** Given: the loader itself checks these detached signatures and boots nothing without. */
  readonly signatures?: InstallerSignatures | undefined
}

export interface InstallerSignatures {
  readonly kernelUrl: string
  readonly initrdUrl: string
}

/** What a loader can find unsigned: that it knows no signatures comes first. */
export const UNSIGNED = ['loader', 'vmlinuz', 'initrd.img'] as const
export type Unsigned = (typeof UNSIGNED)[number]

/** The installer's kernel arguments that no loader changes. */
export const installerArguments = (boot: Omit<InstallerBoot, 'scriptUrl'>): string[] => [
  `brickyard.agent=${boot.agentUrl}`,
  `brickyard.claim=${boot.claimToken}`,
  `BOOTIF=01-${boot.mac.replaceAll(':', '-')}`,
]

/** Time to read a message on the screen, and between two tries. */
export const PAUSE_SECONDS = 5

const SHOWN_CHARS_MAX = 200

/** A text as a loader can print it: no `${…}`, `&&`, `||`, quotes or line ends that it would act on. */
export const shown = (text: string): string =>
  text.slice(0, SHOWN_CHARS_MAX).replace(/[^A-Za-z0-9 .,:;/_()+=-]/g, '?')
