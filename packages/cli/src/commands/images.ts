import { Readable } from 'node:stream'
import type { Image, ImageAsked } from '@brickyard/api/schemas'
import { ARCHITECTURES, FIRMWARE_MODES } from '@brickyard/model/architecture'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { ask, askRows, numberOption, type Action, type Context } from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { readImageFile, type ImageFile } from '../image-file.ts'
import { bytesText, facts, table, timeText } from '../output.ts'

/** A broken upload is taken up again this often, each time where the hub says it stopped. */
const UPLOAD_TRIES = 5

/** Time for the hub to notice that the broken upload is over. */
const UPLOAD_PAUSE_MS = Seconds(1)

const mayPass = ({ exit, code }: CliFailure): boolean =>
  exit === EXIT.unreachable || code === 'upload-running'

const receivedText = ({ receivedBytes, bytes }: Image): string =>
  receivedBytes === bytes ? '' : `${Math.floor((receivedBytes / bytes) * 100)} %`

export const imageList: Action = async ({ hub }) => {
  const images = await askRows((page) => hub.images.list(page))
  if (!images.ok) return images
  return ok({
    json: images.value,
    text: table(
      ['IMAGE', 'STATE', 'HERE', 'FORMAT', 'ARCH', 'FIRMWARE', 'SIZE', 'RAW', 'SHA256'],
      images.value.map((image) => [
        image.name,
        image.state,
        receivedText(image),
        image.format,
        image.arch,
        image.firmware.join(','),
        bytesText(image.bytes),
        bytesText(image.rawBytes),
        image.sha256,
      ]),
    ),
  })
}

/** One of the words an option allows. */
function oneOf<T extends string>(
  context: Context,
  name: string,
  words: readonly T[],
  otherwise: T,
): Result<T, CliFailure> {
  const text = context.options.text(name) ?? otherwise
  const found = words.find((word) => word === text)
  return found === undefined
    ? err(failure(EXIT.usage, `--${name} is '${text}'; ${words.join(' or ')}`))
    : ok(found)
}

/** `images/debian-13.raw.zst` is called `debian-13`. */
export const nameOfFile = (path: string): string =>
  (path.split('/').at(-1) ?? path).replace(/(\.(raw|img|qcow2|zst|gz|xz))+$/, '')

/** Everything the options say about the image; its bytes are read from the file afterwards. */
function declared(context: Context): Result<Omit<ImageAsked, keyof ImageFile>, CliFailure> {
  const { options, args } = context
  const arch = oneOf(context, 'arch', ARCHITECTURES, 'x86_64')
  if (!arch.ok) return arch
  const seed = oneOf(context, 'seed', ['nocloud', 'none'], 'nocloud')
  if (!seed.ok) return seed
  const sector = oneOf(context, 'sector', ['512', '4096'], '512')
  if (!sector.ok) return sector
  const modes = options.texts('firmware')
  const stray = modes.find((mode) => !FIRMWARE_MODES.some((each) => each === mode))
  if (stray !== undefined) {
    return err(failure(EXIT.usage, `--firmware is '${stray}'; ${FIRMWARE_MODES.join(' or ')}`))
  }
  const most = Number.MAX_SAFE_INTEGER
  const minDisk = numberOption(context, 'min-disk', { min: 1, max: most, otherwise: 0 })
  if (!minDisk.ok) return minDisk
  return ok({
    name: options.text('name') ?? nameOfFile(args[0] ?? ''),
    arch: arch.value,
    firmware: FIRMWARE_MODES.filter((mode) => modes.length === 0 || modes.includes(mode)),
    seed: seed.value,
    secureBoot: options.flag('secure-boot'),
    sectorBytes: sector.value === '512' ? 512 : 4096,
    minDiskBytes: minDisk.value,
  })
}

export const imageAdd: Action = async (context) => {
  const wanted = declared(context)
  if (!wanted.ok) return wanted
  const { files } = context.ports
  const scratch = await files.scratch()
  try {
    const file = await readImageFile(context.ports, context.args[0] ?? '', scratch)
    if (!file.ok) return file
    const { path, ...sums } = file.value
    const minDiskBytes = wanted.value.minDiskBytes || sums.rawBytes
    const made = await ask(context.hub.images.create({ ...wanted.value, ...sums, minDiskBytes }))
    if (!made.ok) return made
    const sent = await upload(context, made.value, path)
    return sent.ok ? ok({ json: sent.value, text: imageText(sent.value) }) : sent
  } finally {
    await files.remove(scratch)
  }
}

async function upload(
  context: Context,
  image: Image,
  path: string,
): Promise<Result<Image, CliFailure>> {
  let known = image
  let last: CliFailure = failure(EXIT.unreachable, 'The hub did not answer.')
  for (let attempt = 1; attempt <= UPLOAD_TRIES; attempt++) {
    if (known.state === 'ready') return ok(known)
    const first = known.receivedBytes < known.bytes ? known.receivedBytes : 0
    context.say(
      first === 0
        ? `Sending ${bytesText(known.bytes)} …`
        : `Going on at ${bytesText(first)} of ${bytesText(known.bytes)} …`,
    )
    const content = Readable.toWeb(context.ports.files.open(path, first)) as ReadableStream<
      Uint8Array<ArrayBuffer>
    >
    const sent = await ask(
      context.hub.images.putContent(
        known.sha256,
        content,
        first === 0 ? undefined : { first, total: known.bytes },
      ),
    )
    if (sent.ok || !mayPass(sent.error)) return sent
    last = sent.error
    await context.ports.sleep(UPLOAD_PAUSE_MS)
    const now = await ask(context.hub.images.get(known.sha256))
    if (now.ok) known = now.value
  }
  return err(last)
}

const imageText = (image: Image): string =>
  facts([
    ['image', image.name],
    ['sha256', image.sha256],
    ['state', image.state],
    ['format', image.format],
    ['size', bytesText(image.bytes)],
    ['raw', bytesText(image.rawBytes)],
    ['raw sha256', image.rawSha256],
    ['smallest disk', bytesText(image.minDiskBytes)],
    ['boots', `${image.arch} ${image.firmware.join(',')}`],
    ['added', timeText(image.createdAtMs)],
  ])
