/**
 * `node hub/packaging/bundle.ts [FOLDER]`: the hub as its container holds it, in FOLDER (dist/hub):
 * `hub.mjs`, its native parts, settings, `openapi.json`, the built console, and the Node that runs it.
 */
import { fileURLToPath } from 'node:url'
import { bundleArchitecture, bundleProgram, copyNode } from '@brickyard/runtime/node/bundle-program'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The hub for this machine's architecture and its built console in `folder`, which is emptied first. */
export const bundleHub = (folder: string, consoleFolder: string): Promise<void> =>
  bundleProgram({
    entry: here('../src/main.ts'),
    folder,
    file: 'hub.mjs',
    architecture: bundleArchitecture(),
    along: {
      'openapi.json': here('../openapi.json'),
      'hub.yaml': here('hub.yaml'),
      console: consoleFolder,
    },
  })

if (import.meta.main) {
  // By its place: the console is a package of its own that the hub does not depend on.
  const { buildConsole } = (await import(here('../console/build.ts'))) as {
    buildConsole: () => Promise<{ folder: string }>
  }
  const folder = process.argv[2] ?? here('../../dist/hub')
  await bundleHub(folder, (await buildConsole()).folder)
  copyNode(folder)
  console.log(`the hub is in ${folder}`)
}
