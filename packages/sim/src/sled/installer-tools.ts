import { createHash } from 'node:crypto'

/** What an agent serves to the installer of simulated sleds as its tools: the file is theirs alone. */
export const INSTALLER_TOOLS = new TextEncoder().encode('the tools of the simulated installer\n')

export const INSTALLER_TOOLS_SHA256 = createHash('sha256').update(INSTALLER_TOOLS).digest('hex')
