/**
 * `node agent/packaging/bundle.ts [FOLDER]`: the agent as it is installed on an appliance, in
 * FOLDER (dist/agent): `agent.mjs`, parts of it that are loaded when needed, its native parts, and the
 * Node that runs it.
 */
import { fileURLToPath } from 'node:url'
import { bundleArchitecture, bundleProgram, copyNode } from '@brickyard/runtime/node/bundle-program'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The agent for this machine's architecture in `folder`, which is emptied first. */
export const bundleAgent = (folder: string): Promise<void> =>
  bundleProgram({
    entry: here('../src/main.ts'),
    folder,
    file: 'agent.mjs',
    architecture: bundleArchitecture(),
    inParts: true,
  })

if (import.meta.main) {
  const folder = process.argv[2] ?? here('../../dist/agent')
  await bundleAgent(folder)
  copyNode(folder)
  console.log(`the agent is in ${folder}`)
}
