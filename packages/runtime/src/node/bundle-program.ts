import { chmodSync, copyFileSync, cpSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Machines a bundle can be made for; the native parts of each must be installed here. */
export const BUNDLE_ARCHITECTURES = ['x64', 'arm64'] as const
export type BundleArchitecture = (typeof BUNDLE_ARCHITECTURES)[number]

export interface BundledProgram {
  /** TypeScript file that the program starts with. */
  readonly entry: string
  /** Emptied and filled. */
  readonly folder: string
  /** Name of the program's file in `folder`, e.g. `agent.mjs`. */
  readonly file: string
  readonly architecture: BundleArchitecture
  /**
   * True: what is imported only when it is needed is a file of its own, `part-*.mjs` beside the
   * program, and takes no memory until then. One file unless told.
   */
  readonly inParts?: boolean
  /** Files and folders that go along, by their names in `folder`. */
  readonly along?: Readonly<Record<string, string>>
}

/** What the Node that runs this can be bundled for. Throws on a machine that no bundle is made for. */
export function bundleArchitecture(): BundleArchitecture {
  const known = BUNDLE_ARCHITECTURES.find((each) => each === process.arch)
  if (known === undefined) throw new Error(`no bundle is made for ${process.arch}`)
  return known
}

/**
 * Makes one program into an ES module for Node 24 that needs no node_modules: `<file>`, beside it
 * `native/*.node` (SQLite and argon2 for Linux with glibc, the only parts that no bundler can
 * swallow) and the licences of what went in. Throws when a part is missing.
 */
export async function bundleProgram(program: BundledProgram): Promise<void> {
  const { entry, folder, file, architecture, inParts = false, along = {} } = program
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'native'), { recursive: true })
  const native = new Map<string, string>()
  await build({
    entryPoints: [{ in: entry, out: basename(file, '.mjs') }],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    splitting: inParts,
    chunkNames: 'part-[name]-[hash]',
    platform: 'node',
    target: 'node24',
    // Names stay, so that a stack trace from a site can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    // The source stays in memory as long as the program runs, and one character beyond Latin-1 doubles
    // it. esbuild escapes them everywhere but in tagged templates: lowered, these are plain strings.
    supported: { 'template-literal': false },
    legalComments: 'external',
    logLevel: 'error',
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [nativeParts(architecture, native), lazyBuiltins],
  })
  for (const [name, from] of native) {
    copyFileSync(from, join(folder, 'native', name))
    chmodSync(join(folder, 'native', name), 0o644)
  }
  for (const [name, from] of Object.entries(along)) {
    cpSync(from, join(folder, name), { recursive: true })
  }
}

/** Copies the Node that runs this beside a bundle, as `node`. */
export function copyNode(folder: string): void {
  copyFileSync(realpathSync(process.execPath), join(folder, 'node'))
  chmodSync(join(folder, 'node'), 0o755)
}

/** Sends both native packages past their search for a platform, and their binaries beside the bundle. */
function nativeParts(architecture: BundleArchitecture, found: Map<string, string>): Plugin {
  return {
    name: 'native-parts',
    setup(bundle) {
      bundle.onResolve({ filter: /^better-sqlite3$/ }, ({ path, ...from }) =>
        bundle.resolve(`${path}/linux-${architecture}`, from),
      )
      bundle.onResolve({ filter: /^@node-rs\/argon2$/ }, ({ path, resolveDir }) => {
        // What pnpm installs for a platform lies beside the package, visible from there alone.
        const home = createRequire(join(resolveDir, 'from')).resolve(path)
        const binary = createRequire(home).resolve(`${path}-linux-${architecture}-gnu`)
        return { path: binary, namespace: 'native' }
      })
      bundle.onLoad({ filter: /.*/, namespace: 'native' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)})`,
        resolveDir: dirname(path),
      }))
      bundle.onResolve({ filter: /\.node$/ }, ({ path, resolveDir }) => {
        const from = resolve(resolveDir, path)
        const name = from.includes('better-sqlite3') ? 'better-sqlite3.node' : 'argon2.node'
        found.set(name, from)
        return { path: `./native/${name}`, external: true }
      })
    },
  }
}

/**
 * Takes Node's own modules by `require`. Their `import` reads every export at once, and those of
 * `node:http` load the whole of fetch and WebSocket: a fifth of a cold start.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(bundle) {
    bundle.onResolve({ filter: /^[a-z0-9_/:]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && builtinModules.includes(path.replace(/^node:/, ''))
        ? { path, namespace: 'builtin' }
        : undefined,
    )
    bundle.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }))
  },
}
